"""Put sounds together: one over another at an exact ratio, or one after another."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from course_lib.audio.files import AudioError, check_samples
from course_lib.audio.level import check_audible, check_number, rms


def mix(
    target, other, *, snr_db: float = 0.0, level: str = "clip", sr: int = 8000
) -> tuple[np.ndarray, np.ndarray]:
    """Add ``other`` to ``target`` at an exact ratio; the target keeps its level.

    Parameters
    ----------
    target, other : np.ndarray, shape (samples,), equally long
        Two sounds, not silent (see :func:`shift` for moving one in time first).
    snr_db : float
        Level of the target over that of the other, in dB, -60 to 60.
    level : {"clip", "active"}
        Both levels are measured over all samples (the ratio of energies), or over each one's active frames.

    Returns
    -------
    mixture : np.ndarray, shape (samples,), float32
        May leave [-1, 1]: nothing is clipped.
    sources : np.ndarray, shape (2, samples), float32
        The target and the scaled other: what a separation should return. Their sum is the mixture to
        float32's rounding.

    Raises
    ------
    AudioError
        Too short, silent, NaN, of different length.
    ValueError
        A ratio or level out of range.
    """
    target, other = check_audible(target, name="target"), check_audible(other, name="other")
    if target.shape != other.shape:
        raise AudioError(
            f"target and other must be equally long; received {len(target)} and {len(other)} samples"
        )
    snr_db = check_number(snr_db, name="snr_db", low=-60, high=60, unit="dB")
    levels = rms(target, level=level, sr=sr) / rms(other, level=level, sr=sr)
    scaled = levels * 10 ** (-snr_db / 20) * other.astype(np.float64)
    sources = np.stack([target, scaled.astype(np.float32)])
    return (target.astype(np.float64) + scaled).astype(np.float32), sources


def shift(y, *, samples: int) -> np.ndarray:
    """Move ``y``, shape (samples,), later by ``samples`` >= 0: zeros before it, its end cut."""
    y = check_samples(y)
    if not 0 <= samples <= len(y):
        raise ValueError(f"samples must lie between 0 and {len(y)}; received {samples}")
    return np.concatenate([np.zeros(samples, np.float32), y[: len(y) - samples]])


def join(parts: Sequence[np.ndarray], *, gap_seconds: float = 0.05, sr: int = 8000) -> np.ndarray:
    """One sound after another with a silence of ``gap_seconds`` after each, shape (samples,), float32."""
    if not len(parts):
        raise AudioError("expected at least one sound to join; received none")
    gap_seconds = check_number(gap_seconds, name="gap_seconds", low=0, high=60, unit="s")
    gap = np.zeros(round(gap_seconds * sr), np.float32)
    pieces = [
        piece for n, part in enumerate(parts) for piece in (check_samples(part, name=f"parts[{n}]"), gap)
    ]
    return np.concatenate(pieces)
