"""Sound over time."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from course_lib.audio.files import check_samples
from course_lib.plotting.description import describe
from course_lib.plotting.style import BLUE, INK, new_figure, tidy

# More points than pixels only make the file larger: longer sounds are drawn as their envelope.
MOST_POINTS = 4000


def waveform(y: np.ndarray, *, sr: int = 8000, title: str = "Waveform") -> Figure:
    """Amplitude against time.

    Parameters
    ----------
    y : np.ndarray, shape (samples,)
        Sound in [-1, 1]; what lies beyond is drawn, too, and the description says so.
    sr : int
        Sampling rate in Hz.

    Raises
    ------
    AudioError
        Not mono, empty, NaN or infinite.
    """
    y = check_samples(y)
    figure = new_figure(8, 2.4)
    axes = tidy(figure.subplots())
    seconds = len(y) / sr
    if len(y) <= MOST_POINTS:
        axes.plot(np.arange(len(y)) / sr, y, color=BLUE, linewidth=0.7)
    else:
        step = -(-len(y) // (MOST_POINTS // 2))
        pieces = np.pad(y, (0, -len(y) % step), mode="edge").reshape(-1, step)
        axes.fill_between(
            np.arange(len(pieces)) * step / sr,
            pieces.min(axis=1),
            pieces.max(axis=1),
            color=BLUE,
            linewidth=0.3,
        )
    peak = float(np.abs(y).max())
    top = max(1.0, 1.05 * peak)
    axes.set(
        title=title,
        xlabel="time (s)",
        ylabel="amplitude (re full scale)",
        xlim=(0, seconds),
        ylim=(-top, top),
    )
    for full_scale in (-1, 1):
        axes.axhline(full_scale, color=INK, linewidth=0.6, linestyle=":")
    clipped = int((np.abs(y) > 1).sum())
    beyond = f", {clipped} samples beyond full scale" if clipped else ""
    return describe(figure, f"{title}: {seconds:.2f} s of sound, peak amplitude {peak:.2f}{beyond}.")
