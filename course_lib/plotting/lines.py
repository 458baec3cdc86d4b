"""One quantity against another, for a few systems."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from course_lib.plotting.description import describe
from course_lib.plotting.style import BLUE, INK, ORANGE, legend, new_figure, tidy

STYLES = (
    {"color": BLUE, "linestyle": "-", "marker": "o"},
    {"color": ORANGE, "linestyle": "--", "marker": "s"},
    {"color": INK, "linestyle": ":", "marker": "^"},
)


def lines(
    series: Mapping[str, Sequence[float]],
    x: Sequence[float],
    *,
    xlabel: str,
    ylabel: str,
    title: str,
    log: bool = False,
) -> Figure:
    """Up to three lines over the same ``x``.

    Parameters
    ----------
    series : mapping of str to sequence of float
        Values by the name that the legend shows, each as long as ``x``.
    xlabel, ylabel : str
        What the axes show, with the unit.
    log : bool
        Logarithmic horizontal axis, on which 0 has its place too.

    Raises
    ------
    ValueError
        No line or more than three, or lengths that differ.
    """
    if not 1 <= len(series) <= len(STYLES):
        raise ValueError(f"expected one to {len(STYLES)} lines; received {len(series)}")
    lengths = {name: len(values) for name, values in series.items()}
    if set(lengths.values()) != {len(x)}:
        raise ValueError(f"every line needs {len(x)} values, as x has; received {lengths}")
    figure = new_figure(7, 3.0)
    axes = tidy(figure.subplots())
    for (name, values), style in zip(series.items(), STYLES, strict=False):
        axes.plot(x, values, label=name, markersize=4, **style)
    if log:
        axes.set_xscale("symlog", linthresh=1)
    axes.set_xticks(list(x), [f"{value:g}" for value in x])
    axes.minorticks_off()
    axes.set(title=title, xlabel=xlabel, ylabel=ylabel)
    legend(axes)
    words = "; ".join(
        f"{name} goes from {np.asarray(values)[0]:.3g} to {np.asarray(values)[-1]:.3g}"
        for name, values in series.items()
    )
    return describe(figure, f"{title}: {ylabel} over {xlabel}, {x[0]:g} to {x[-1]:g}. {words}.")
