"""The losses of several trainings in one picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from course_lib.plotting.curves import AXES, UNITS
from course_lib.plotting.description import describe
from course_lib.plotting.style import BLUE, INK, ORANGE, legend, new_figure, tidy

# Told apart without colour, too.
STYLES = (
    {"color": BLUE, "linestyle": "-"},
    {"color": ORANGE, "linestyle": "--"},
    {"color": "#009E73", "linestyle": "-."},
    {"color": "#CC79A7", "linestyle": ":"},
    {"color": "#56B4E9", "linestyle": (0, (5, 1))},
    {"color": "#E69F00", "linestyle": (0, (3, 1, 1, 1))},
    {"color": INK, "linestyle": (0, (1, 1))},
    {"color": BLUE, "linestyle": (0, (1, 3))},
)


def compared_curves(
    histories: Mapping[str, Mapping[str, Sequence[float]]],
    *,
    x: str = "step",
    log: bool = False,
    title: str = "Held-out loss",
) -> Figure:
    """One line a training: its held-out loss, or the training loss of one that measures no other.

    Parameters
    ----------
    histories : mapping of str to mapping
        By the name that the legend shows, each with equally long columns ``loss``, ``val_loss`` (NaN where
        it was not measured) and the one for ``x``: what ``run.history()`` gives.
    x : str
        ``step``, ``epoch`` or ``seconds``.
    log : bool
        Logarithmic loss axis.

    Raises
    ------
    ValueError
        No training or more than eight, or another ``x``.
    """
    if x not in AXES:
        raise ValueError(f"x must be one of {', '.join(AXES)}; received {x!r}")
    if not 1 <= len(histories) <= len(STYLES):
        raise ValueError(f"expected one to {len(STYLES)} trainings; received {len(histories)}")
    figure = new_figure(7, 3.6)
    axes = tidy(figure.subplots())
    words = []
    for (name, history), style in zip(histories.items(), STYLES, strict=False):
        at, loss, held_out = (np.asarray(history[column], float) for column in (x, "loss", "val_loss"))
        known = np.isfinite(held_out)
        shown, label = (held_out, name) if known.any() else (loss, f"{name} (training loss)")
        known = np.isfinite(shown)
        at, shown = at[known], shown[known]
        mark = {"marker": "o", "markersize": 3} if len(at) <= 30 else {}
        axes.plot(at, shown, label=label, **style, **mark)
        words.append(
            f"{label} ends at {shown[-1]:.3g} after {at[-1]:.4g} {UNITS[x]}"
            if len(at)
            else f"{name} has no loss"
        )
    if log:
        axes.set_yscale("log")
    axes.set(title=title, xlabel=AXES[x], ylabel="loss (log scale)" if log else "loss")
    legend(axes)
    return describe(figure, f"{title}: {'; '.join(words)}.")
