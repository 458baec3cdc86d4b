"""Many short sounds at a glance: a small spectrogram of each, in rows."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from course_lib.audio.files import check_samples
from course_lib.plotting.description import describe
from course_lib.plotting.linear_spectrogram import RANGE_DB, levels
from course_lib.plotting.style import INK, SPECTROGRAM_MAP, new_figure, tidy

COLUMNS = 8


def contact_sheet(
    sounds: Mapping[str, np.ndarray],
    *,
    sr: int = 8000,
    columns: int = COLUMNS,
    range_db: float = RANGE_DB,
    title: str | None = None,
) -> Figure:
    """Spectrograms in reading order, all on one scale.

    Parameters
    ----------
    sounds : mapping of str to np.ndarray, shape (samples,)
        Sounds in [-1, 1] by the title of each; lengths may differ.
    sr : int
        Sampling rate in Hz, of all of them.
    columns : int
        Pictures in a row, at most.
    range_db : float
        The loudest value of all is the brightest colour; this many dB below it is the darkest.

    Raises
    ------
    ValueError
        No sound, or fewer than one column.
    AudioError
        Not mono, empty, or not finite.
    """
    if not sounds:
        raise ValueError("expected at least one sound; received none")
    if columns < 1:
        raise ValueError(f"columns must be at least 1; received {columns}")
    pictures = {name: levels(check_samples(y, name=name)) for name, y in sounds.items()}
    top = max(float(level.max()) for level in pictures.values())
    rows = -(-len(pictures) // columns)
    # Rows of one length, as far as there are enough.
    columns = -(-len(pictures) // rows)
    figure = new_figure(1.6 * columns + 1.0, 1.7 * rows + 0.5)
    grid = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    for axes in grid.flat[len(pictures) :]:
        axes.set_axis_off()
    for axes, (name, level) in zip(grid.flat, pictures.items(), strict=False):
        tidy(axes).grid(False)
        seconds = len(sounds[name]) / sr
        image = axes.imshow(
            level.T,
            origin="lower",
            aspect="auto",
            cmap=SPECTROGRAM_MAP,
            vmin=top - range_db,
            vmax=top,
            extent=(0, seconds, 0, sr / 2000),
            interpolation="nearest",
        )
        axes.set_title(name, fontsize="small")
    longest = max(len(y) for y in sounds.values()) / sr
    grid[0, 0].set_xlim(0, longest)
    figure.supxlabel(f"time, {longest:.2f} s each", color=INK, fontsize="small")
    figure.supylabel("frequency (kHz)", color=INK, fontsize="small")
    bar = figure.colorbar(image, ax=grid, pad=0.01)
    bar.set_label("level (dB re full scale)", color=INK)
    bar.ax.tick_params(colors=INK)
    bar.outline.set_edgecolor(INK)
    if title:
        figure.suptitle(title, color=INK)
    opening = f"{title}. " if title else ""
    words = f"{len(pictures)} spectrograms, {columns} in a row: {', '.join(pictures)}"
    return describe(figure, f"{opening}{words}. All on one scale of {range_db:.0f} dB.")
