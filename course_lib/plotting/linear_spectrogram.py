"""Short-time spectra on an even axis of frequency, each panel with a window of its own."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from course_lib.audio.stft import stft, window_gain
from course_lib.plotting.description import describe
from course_lib.plotting.style import INK, SPECTROGRAM_MAP, new_figure, tidy

FLOOR_DB = -80.0
RANGE_DB = 70.0


def levels(y: np.ndarray, *, n_fft: int = 256, hop_length: int = 64) -> np.ndarray:
    """Sound, shape (samples,) -> STFT levels in dB re a full-scale sine, at least -80.

    Shape (frames, 1 + n_fft // 2); the end is padded with zeros to a whole number of hops.
    """
    y = np.pad(np.asarray(y, np.float32), (0, -len(y) % hop_length))
    magnitude = np.abs(stft(y, n_fft=n_fft, hop_length=hop_length)) / window_gain(n_fft)
    return 20 * np.log10(np.maximum(magnitude, 10 ** (FLOOR_DB / 20)))


def linear_spectrogram(
    panels: Mapping[str, np.ndarray],
    *,
    seconds: float,
    sr: int = 8000,
    highest: float | None = None,
    range_db: float = RANGE_DB,
    title: str | None = None,
) -> Figure:
    """Spectrograms beside each other, from 0 Hz up, all in the same colours.

    Parameters
    ----------
    panels : mapping of str to np.ndarray, shape (frames, bins)
        Levels in dB by the panel's title; frames and bins may differ from panel to panel.
    seconds : float
        How long each panel lasts.
    highest : float, optional
        Frequency in Hz at which the axis ends; ``sr / 2`` without it.
    range_db : float
        The loudest value of all panels is the brightest colour; this many dB below it is the darkest.

    Raises
    ------
    ValueError
        No panel, another shape, or values that are not finite.
    """
    if not panels:
        raise ValueError("expected at least one panel; received none")
    for name, level in panels.items():
        if np.ndim(level) != 2 or not np.isfinite(level).all():
            raise ValueError(f"{name}: expected finite levels of shape (frames, bins) in dB")
    top = max(float(np.max(level)) for level in panels.values())
    figure = new_figure(max(4.5, 3.2 * len(panels) + 0.8), 3.0)
    grid = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
    words = []
    for axes, (name, level) in zip(grid, panels.items(), strict=True):
        level = np.asarray(level)
        tidy(axes).grid(False)
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
        axes.set(title=name, xlabel="time (s)", ylim=(0, (highest or sr / 2) / 1000))
        frame, bin_ = np.unravel_index(level.argmax(), level.shape)
        hertz = bin_ / max(1, level.shape[1] - 1) * sr / 2
        words.append(f"{name}: loudest at {frame / len(level) * seconds:.2f} s near {hertz:.0f} Hz")
    grid[0].set_ylabel("frequency (kHz)")
    bar = figure.colorbar(image, ax=grid, pad=0.02)
    bar.set_label("level (dB re full scale)", color=INK)
    bar.ax.tick_params(colors=INK)
    bar.outline.set_edgecolor(INK)
    if title:
        figure.suptitle(title, color=INK)
    opening = f"{title}. " if title else ""
    return describe(figure, f"{opening}{'; '.join(words)}. All on one scale of {range_db:.0f} dB.")
