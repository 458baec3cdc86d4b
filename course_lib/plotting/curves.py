"""Losses over the course of a training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from course_lib.plotting.description import describe
from course_lib.plotting.style import BLUE, INK, ORANGE, legend, new_figure, tidy

UNITS = {"step": "steps", "epoch": "epochs", "seconds": "s"}
AXES = {"step": "optimiser steps", "epoch": "epochs", "seconds": "training time (s)"}


def curves(
    history: Mapping[str, Sequence[float]],
    *,
    x: str = "epoch",
    log: bool = False,
    bars: Mapping[str, float] | None = None,
    title: str = "Loss",
) -> Figure:
    """Training loss against held-out loss: where the two part, the model has begun to memorise.

    Parameters
    ----------
    history : mapping
        Columns ``loss``, ``val_loss`` (NaN where it was not measured) and the one for ``x``, equally long:
        what ``run.history()`` gives.
    x : str
        ``step``, ``epoch`` or ``seconds``.
    log : bool
        Logarithmic loss axis.
    bars : mapping of str to float, optional
        Horizontal lines to compare with, by name, such as the error of PCA.

    Raises
    ------
    ValueError
        Another ``x``, a missing column, or columns of different length.
    """
    if x not in AXES:
        raise ValueError(f"x must be one of {', '.join(AXES)}; received {x!r}")
    missing = [name for name in (x, "loss", "val_loss") if name not in history]
    if missing:
        raise ValueError(f"history has no {', '.join(missing)}; it has {', '.join(history)}")
    at, loss, held_out = (np.asarray(history[name], float) for name in (x, "loss", "val_loss"))
    if not len(at) == len(loss) == len(held_out):
        raise ValueError(f"columns must be equally long; received {len(at)}, {len(loss)} and {len(held_out)}")
    if x == "epoch":
        # Rows inside the first epoch all say 0: only whole epochs have a place on this axis.
        whole = at >= 1
        at, loss, held_out = at[whole], loss[whole], held_out[whole]
    figure = new_figure(7, 3.4)
    axes = tidy(figure.subplots())
    measured = np.isfinite(held_out)
    mark = {"marker": "o", "markersize": 3.5} if len(at) <= 30 else {}
    axes.plot(at, loss, color=BLUE, label="training clips", **mark)
    axes.plot(at[measured], held_out[measured], color=ORANGE, linestyle="--", label="held-out clips", **mark)
    for name, value in (bars or {}).items():
        axes.axhline(value, color=INK, linestyle=":", linewidth=1.2)
        axes.annotate(
            name,
            (1, value),
            xycoords=("axes fraction", "data"),
            ha="right",
            va="bottom",
            color=INK,
            fontsize=9,
        )
    if log:
        axes.set_yscale("log")
        for formatter in (axes.yaxis.set_major_formatter, axes.yaxis.set_minor_formatter):
            formatter(lambda value, _: f"{value:.3g}")
    axes.set(title=title, xlabel=AXES[x], ylabel="loss (log scale)" if log else "loss")
    legend(axes)
    return describe(figure, f"{title}: {_in_words(at, loss, held_out, UNITS[x])}")


def _in_words(at, loss, held_out, unit: str) -> str:
    if not len(at):
        return "nothing measured yet."
    text = f"training loss goes from {loss[0]:.3g} to {loss[-1]:.3g} over {at[-1]:.4g} {unit}"
    known = np.flatnonzero(np.isfinite(held_out))
    if not known.size:
        return f"{text}; no held-out loss yet."
    best = known[held_out[known].argmin()]
    return (
        f"{text}; held-out loss ends at {held_out[known[-1]]:.3g}, its lowest is {held_out[best]:.3g} "
        f"at {at[best]:.4g}."
    )
