"""New voices from old: small variations of log-mel features, fresh in every epoch."""

from __future__ import annotations

from functools import lru_cache

import librosa
import numpy as np

# Frames before the onset and just after it, which are aligned in all clips and stay so.
HEAD = 8
# Bands that a formant spans, roughly: what is smoother is vocal tract, what is finer is pitch.
SMOOTHING_BANDS = 2.5


def vary_voice(
    features: np.ndarray,
    rng: np.random.Generator,
    *,
    tract: float = 0.15,
    pitch: float = 0.35,
    rate: float = 0.1,
    bend: float = 2.0,
    tilt: float = 0.2,
    level: float = 0.1,
    keep: float = 0.2,
    sr: int = 8000,
) -> np.ndarray:
    """Log-mel features as another speaker might have said them.

    A spectrum is a smooth envelope (the vocal tract's resonances) times fine ripples (the harmonics of the
    pitch); in log magnitude, a sum. The two are moved along the frequency axis by separate factors, as in
    vocal tract length perturbation (N. Jaitly and G. Hinton, ICML workshop 2013), and time runs unevenly.

    Parameters
    ----------
    features : np.ndarray, shape (clips, frames, bands)
        Some batch of clips; each band's lowest value in it is taken for silence, and stays the lowest.
    rng : np.random.Generator
        The same generator state gives the same variations.
    tract, pitch, rate : float
        Largest change, as a natural logarithm: 0.35 is a factor between 0.70 and 1.42.
    bend : float
        Frames by which the middle of a sound moves against its beginning and end.
    tilt, level : float
        Standard deviation of the change of spectral slope and of level, in the unit of the features.
    keep : float
        Part of the clips that stay as they are.

    Returns
    -------
    np.ndarray, shape (clips, frames, bands), float32
    """
    features = np.asarray(features, np.float32)
    if features.ndim != 3 or features.shape[1] <= HEAD or features.shape[2] < 2:
        raise ValueError(
            f"expected features of shape (clips, more than {HEAD} frames, bands); received {features.shape}"
        )
    clips, _, bands = features.shape
    floor = features.min(axis=(0, 1))
    varied = _warp_time(features - floor, rng, rate=rate, bend=bend)
    envelope = _smoother(bands)
    tract_shift, pitch_shift = (
        _shift_matrices(np.exp(rng.uniform(-most, most, clips)), bands, sr) for most in (tract, pitch)
    )
    varied = varied @ (envelope @ tract_shift + (np.eye(bands, dtype=np.float32) - envelope) @ pitch_shift)
    slope = np.linspace(-1, 1, bands, dtype=np.float32)
    change = tilt * rng.standard_normal((clips, 1, 1)) * slope + level * rng.standard_normal((clips, 1, 1))
    # Silence stays silent.
    varied += change.astype(np.float32) * np.clip(varied, 0, 1)
    kept = rng.random(clips) < keep
    return np.where(kept[:, None, None], features, np.maximum(varied, 0) + floor).astype(np.float32)


def _warp_time(x: np.ndarray, rng: np.random.Generator, *, rate: float, bend: float) -> np.ndarray:
    """Read each clip at places that run at another rate and unevenly; the head stays."""
    clips, frames, _ = x.shape
    speed = np.exp(rng.uniform(-rate, rate, (clips, 1)))
    swing = rng.uniform(-bend, bend, (clips, 1))
    tail = np.maximum(np.arange(frames) - HEAD, 0.0)[None]
    # Half a wave over 0.4 s, the length of a digit.
    place = (
        np.minimum(np.arange(frames), HEAD) + tail * speed + swing * np.sin(np.pi * np.minimum(tail / 50, 1))
    )
    place = np.clip(place, 0, frames - 1)
    below = np.minimum(place.astype(np.int64), frames - 2)
    part = (place - below)[..., None].astype(np.float32)
    clip = np.arange(clips)[:, None]
    first = x[clip, below]
    return first + part * (x[clip, below + 1] - first)


@lru_cache(maxsize=8)
def _smoother(bands: int) -> np.ndarray:
    """(bands, bands): ``x @ smoother`` is x smoothed along its last axis."""
    distance = np.arange(bands)[:, None] - np.arange(bands)[None]
    weights = np.exp(-0.5 * (distance / SMOOTHING_BANDS) ** 2)
    return (weights / weights.sum(axis=0)).astype(np.float32)


@lru_cache(maxsize=8)
def _centres(bands: int, sr: int) -> np.ndarray:
    return librosa.mel_frequencies(n_mels=bands + 2, fmin=0.0, fmax=sr / 2)[1:-1]


def _shift_matrices(factor: np.ndarray, bands: int, sr: int) -> np.ndarray:
    """(clips, bands, bands): ``x @ matrix`` reads band f at frequency f * factor, linearly interpolated."""
    centres = _centres(bands, sr)
    wanted = np.clip(centres * factor[:, None], centres[0], centres[-1])
    below = np.clip(np.searchsorted(centres, wanted, side="right") - 1, 0, bands - 2)
    part = (wanted - centres[below]) / (centres[below + 1] - centres[below])
    matrices = np.zeros((len(factor), bands, bands), np.float32)
    clip, band = np.arange(len(factor))[:, None], np.arange(bands)[None]
    matrices[clip, below, band] = 1 - part
    matrices[clip, below + 1, band] += part
    return matrices
