"""Spectrograms on one scale, so that what looks different is different."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import librosa
import numpy as np
from matplotlib.figure import Figure

from course_lib.plotting.description import describe
from course_lib.plotting.style import INK, SPECTROGRAM_MAP, new_figure, tidy

if TYPE_CHECKING:
    from course_lib.audio.representation import Representation

RANGE_DB = 70.0


def spectrogram(
    level: np.ndarray,
    representation: Representation | None = None,
    *,
    range_db: float = RANGE_DB,
    title: str = "Mel spectrogram",
) -> Figure:
    """One mel spectrogram: :func:`side_by_side` with a single panel."""
    return side_by_side({title: level}, representation, range_db=range_db)


def side_by_side(
    levels: Mapping[str, np.ndarray],
    representation: Representation | None = None,
    *,
    range_db: float = RANGE_DB,
    title: str | None = None,
) -> Figure:
    """Mel spectrograms beside each other, all in the same colours.

    Parameters
    ----------
    levels : mapping of str to np.ndarray, shape (frames, bands)
        Panel's title to levels in dB re full scale, as a run's previews hold them, or
        ``20 * np.log10(representation.magnitude(features))``. Frames may differ, bands may not.
    representation : Representation, optional
        Gives the sampling rate and the step between frames; 8 kHz and 64 samples without it.
    range_db : float
        The loudest value of all panels is the brightest colour; this many dB below it is the darkest.
    title : str, optional
        Of the whole figure.

    Raises
    ------
    ValueError
        No panel, another shape, different numbers of bands, NaN, or linear magnitudes.
    """
    sr, hop_length = getattr(representation, "sr", 8000), getattr(representation, "hop_length", 64)
    panels = {name: _checked(values, name) for name, values in levels.items()}
    bands = {values.shape[1] for values in panels.values()}
    if len(bands) != 1:
        raise ValueError(f"expected panels of equally many bands; received {sorted(bands) or 'no panel'}")
    n_mels = bands.pop()
    top = max(float(values.max()) for values in panels.values())
    figure = new_figure(max(4.5, 3.4 * len(panels) + 0.8), 3.2)
    grid = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
    centres = librosa.mel_frequencies(n_mels=n_mels + 2, fmin=0.0, fmax=sr / 2)[1:-1]
    for axes, (name, values) in zip(grid, panels.items(), strict=True):
        tidy(axes).grid(False)
        image = axes.imshow(
            values.T,
            origin="lower",
            aspect="auto",
            cmap=SPECTROGRAM_MAP,
            vmin=top - range_db,
            vmax=top,
            extent=(0, len(values) * hop_length / sr, -0.5, n_mels - 0.5),
            interpolation="nearest",
        )
        axes.set(title=name, xlabel="time (s)")
    ticks = np.unique(np.linspace(0, n_mels - 1, 7).round().astype(int))
    grid[0].set_yticks(ticks, [_hertz(centres[band]) for band in ticks])
    grid[0].set_ylabel("centre of the mel band (Hz)")
    bar = figure.colorbar(image, ax=grid, pad=0.02)
    bar.set_label("level (dB re full scale)", color=INK)
    bar.ax.tick_params(colors=INK)
    bar.outline.set_edgecolor(INK)
    if title:
        figure.suptitle(title, color=INK)
    text = "; ".join(_in_words(name, values, centres, hop_length / sr) for name, values in panels.items())
    return describe(figure, f"{f'{title}. ' if title else ''}{text}. All on one scale of {range_db:.0f} dB.")


def _checked(level: np.ndarray, name: str) -> np.ndarray:
    level = np.asarray(level, np.float64)
    if level.ndim != 2 or 0 in level.shape:
        raise ValueError(f"{name}: expected levels of shape (frames, bands); received {level.shape}")
    if not np.isfinite(level).all():
        raise ValueError(f"{name}: expected finite levels in dB; the magnitudes may hold zeros")
    # Sound is at most 0 dB re full scale, or a little above; magnitudes and features never reach below -20.
    if level.min() > -20 and level.max() - level.min() < 20:
        raise ValueError(
            f"{name}: values from {level.min():.3g} to {level.max():.3g} are no levels in dB; "
            "pass 20 * np.log10(representation.magnitude(features))"
        )
    return level


def _hertz(value: float) -> str:
    return f"{value:.0f}" if value < 1000 else f"{value / 1000:.1f}k"


def _in_words(name: str, values: np.ndarray, centres: np.ndarray, step: float) -> str:
    frame, band = np.unravel_index(values.argmax(), values.shape)
    return f"{name}: {len(values) * step:.2f} s, loudest at {frame * step:.2f} s near {centres[band]:.0f} Hz"
