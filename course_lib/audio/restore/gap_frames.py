"""A sound with gaps as frames of its short-time spectrum: which are lost, and what stands beside them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.signal

from course_lib.audio.restore.gaps import interpolate_gaps
from course_lib.audio.stft import frame, stft

# A frame that has lost less of its window's energy is as good as whole.
LEAST_LOST = 0.002
# Magnitudes below this, next to the sound's level, are silence: -50 dB.
FLOOR = 10 ** (-50 / 20)


@dataclass(frozen=True, eq=False)
class GapFrames:
    """Sounds with gaps, as a network hears them.

    Attributes
    ----------
    damaged : np.ndarray, shape (clips, frames, bins), float32
        Natural logarithm of the magnitudes re ``level``, silence in the gaps, never below ``log(FLOOR)``.
    interpolated : np.ndarray, shape (clips, frames, bins), float32
        The same with straight lines over the lost frames.
    lost : np.ndarray, shape (clips, frames, 1), float32
        Which share of its window's energy a frame has lost: 0 for whole frames, 1 inside a long gap.
    level : np.ndarray, shape (clips, 1, 1), float32
        Root mean square magnitude of what is not lost.
    """

    damaged: np.ndarray
    interpolated: np.ndarray
    lost: np.ndarray
    level: np.ndarray

    @classmethod
    def of(cls, y, missing, *, n_fft: int = 256, hop_length: int = 64) -> GapFrames:
        """Analyse sounds.

        Parameters
        ----------
        y : np.ndarray, shape (clips, samples)
            What stands in the gaps does not count.
        missing : np.ndarray, shape (clips, samples), bool
        n_fft, hop_length : int
            As of :func:`course_lib.audio.stft.stft`.
        """
        y, missing = np.asarray(y, np.float32), np.asarray(missing)
        if missing.dtype != bool or missing.shape != y.shape or y.ndim != 2:
            raise ValueError(
                f"expected sounds and a bool mask of one shape (clips, samples); received {y.shape} and "
                f"{missing.dtype} {missing.shape}"
            )
        lost = lost_share(missing, n_fft=n_fft, hop_length=hop_length)
        sounding = np.where(missing, np.float32(0), y)
        magnitude = np.abs(stft(sounding, n_fft=n_fft, hop_length=hop_length))
        heard = np.maximum(np.sum(1 - lost, axis=1), 1)[:, None, None]
        level = np.sqrt(np.mean(magnitude**2, axis=-1, keepdims=True).sum(axis=1, keepdims=True) / heard)
        level = np.maximum(level, 1e-7).astype(np.float32)
        damaged = log_magnitude(magnitude, level)
        interpolated = np.stack(
            [_bridged(clip, gap > 0) for clip, gap in zip(damaged, lost, strict=True)]
        ).astype(np.float32)
        return cls(damaged, interpolated, lost[..., None].astype(np.float32), level)


def lost_share(missing: np.ndarray, *, n_fft: int = 256, hop_length: int = 64) -> np.ndarray:
    """Share of each frame's window energy that is ``missing``, (..., samples) -> (..., frames), in [0, 1].

    Less than 0.2 % counts as nothing.
    """
    energy = scipy.signal.get_window("hann", n_fft, fftbins=True) ** 2
    around = [(0, 0)] * (missing.ndim - 1) + [(n_fft // 2, n_fft // 2 - hop_length)]
    padded = np.pad(np.asarray(missing, np.float32), around)
    share = frame(padded, n_fft=n_fft, hop_length=hop_length) @ (energy / energy.sum())
    return np.where(share < LEAST_LOST, 0.0, np.minimum(share, 1.0))


def log_magnitude(magnitude: np.ndarray, level) -> np.ndarray:
    """Natural logarithm of magnitudes re ``level``, never below ``log(FLOOR)``, float32."""
    return np.log(np.maximum(magnitude / level, FLOOR)).astype(np.float32)


def _bridged(features: np.ndarray, lost: np.ndarray) -> np.ndarray:
    """(frames, bins) with straight lines over the lost frames; silence where nothing is known."""
    if lost.all():
        return np.full_like(features, np.log(FLOOR))
    # Where among the known frames a lost one lies: then all bins at once.
    frames = np.arange(len(features))
    known = np.flatnonzero(~lost)
    order = np.zeros(len(features))
    order[known] = np.arange(len(known))
    place = interpolate_gaps(order, mask=lost)[frames] if lost.any() else order
    low = np.floor(place).astype(int)
    share = (place - low)[:, None]
    high = np.minimum(low + 1, len(known) - 1)
    return (1 - share) * features[known[low]] + share * features[known[high]]
