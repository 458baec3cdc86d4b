"""What was taken for what."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib
import numpy as np
from matplotlib.figure import Figure

from course_lib.plotting.description import describe
from course_lib.plotting.style import new_figure, tidy


def confusion(
    counts: np.ndarray,
    labels: Sequence | None = None,
    *,
    rows: str = "asked for",
    columns: str = "heard",
    title: str = "What was heard",
) -> Figure:
    """A table of counts, each row shaded by its own shares: a perfect one is dark on the diagonal alone.

    Parameters
    ----------
    counts : np.ndarray, shape (classes, classes), integers
        Rows are the truth or what was asked for, columns what was answered.
    labels : sequence, optional
        Names of the classes; 0, 1, 2 ... without it.
    rows, columns : str
        What the two axes are.

    Raises
    ------
    ValueError
        Not a square table of counts with at least one clip, or another number of labels.
    """
    counts = np.asarray(counts)
    square = counts.ndim == 2 and counts.shape[0] == counts.shape[1]
    if not square or (counts < 0).any() or not counts.sum() > 0:
        raise ValueError(f"expected a square table of counts, not empty; received shape {counts.shape}")
    names = [str(name) for name in (range(len(counts)) if labels is None else labels)]
    if len(names) != len(counts):
        raise ValueError(f"expected {len(counts)} labels; received {len(names)}")
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    figure = new_figure(2 + 0.42 * len(counts), 1.2 + 0.38 * len(counts))
    axes = tidy(figure.subplots())
    axes.grid(False)
    # A ground of its own, so that the numbers are legible on any page.
    shades = matplotlib.colormaps["Blues"]
    axes.imshow(shares, cmap=shades, vmin=0, vmax=1, aspect="auto")
    for row, column in zip(*np.nonzero(counts), strict=True):
        ink = "white" if shares[row, column] > 0.55 else "black"
        axes.text(column, row, str(counts[row, column]), ha="center", va="center", color=ink, fontsize=8)
    ticks = range(len(counts))
    axes.set_xticks(ticks, names)
    axes.set_yticks(ticks, names)
    axes.set(title=title, xlabel=columns, ylabel=rows)
    return describe(figure, f"{title}: {_in_words(counts, names, rows, columns)}")


def _in_words(counts: np.ndarray, names: list[str], rows: str, columns: str) -> str:
    right = 100 * np.trace(counts) / counts.sum()
    text = f"{counts.sum()} clips, {right:.0f} % {columns} as {rows}"
    wrong = counts * (1 - np.eye(len(counts), dtype=counts.dtype))
    if not wrong.any():
        return f"{text}."
    row, column = np.unravel_index(int(wrong.argmax()), wrong.shape)
    taken = f"{names[row]} taken for {names[column]}, {wrong[row, column]} times"
    return f"{text}; the commonest mistake is {taken}."
