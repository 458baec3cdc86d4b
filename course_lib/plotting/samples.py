"""A few milliseconds of sound, sample by sample."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from course_lib.audio.files import check_samples
from course_lib.plotting.description import describe
from course_lib.plotting.style import BLUE, INK, ORANGE, legend, new_figure, tidy

# More dots than this run into each other.
MOST_DOTS = 800
STYLES = (
    {"color": BLUE, "linestyle": "-", "marker": "o"},
    {"color": ORANGE, "linestyle": "--", "marker": "s"},
    {"color": INK, "linestyle": ":", "marker": "^"},
)


def samples(
    sounds: Mapping[str, np.ndarray],
    *,
    sr: int = 8000,
    start: float = 0.0,
    seconds: float = 0.01,
    title: str = "Samples",
) -> Figure:
    """Every sample of a short stretch as a dot, up to three sounds on one axis.

    Parameters
    ----------
    sounds : mapping of str to np.ndarray, shape (samples,)
        Sounds in [-1, 1] by the name that the legend shows.
    sr : int
        Sampling rate in Hz, of all of them.
    start, seconds : float
        The stretch that is shown, in seconds; at most 800 samples.

    Raises
    ------
    ValueError
        No sound or more than three, a stretch outside of a sound, or too long to see its samples.
    """
    if not 1 <= len(sounds) <= len(STYLES):
        raise ValueError(f"expected one to {len(STYLES)} sounds; received {len(sounds)}")
    first, last = round(start * sr), round((start + seconds) * sr)
    shortest = min(len(y) for y in sounds.values())
    if not 0 <= first < last <= shortest:
        end = start + seconds
        raise ValueError(
            f"expected a stretch within 0 to {shortest / sr:.3f} s; received {start:g} to {end:g} s"
        )
    if last - first > MOST_DOTS:
        raise ValueError(
            f"expected at most {MOST_DOTS} samples; received {last - first}: show a shorter time"
        )
    figure = new_figure(8, 2.6)
    axes = tidy(figure.subplots())
    milliseconds = 1000 * np.arange(first, last) / sr
    peaks = []
    for (name, y), style in zip(sounds.items(), STYLES, strict=False):
        shown = check_samples(y)[first:last]
        axes.plot(milliseconds, shown, label=name, linewidth=0.9, markersize=3, **style)
        peaks.append(f"{name} reaches {np.abs(shown).max():.2f}")
    axes.set(title=title, xlabel="time (ms)", ylabel="amplitude (re full scale)")
    axes.axhline(0, color=INK, linewidth=0.6)
    if len(sounds) > 1:
        legend(axes)
    return describe(
        figure, f"{title}: {last - first} samples, {1000 * seconds:.3g} ms. In amplitude, {', '.join(peaks)}."
    )
