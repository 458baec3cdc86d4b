"""New voices from old: small variations of log-mel features, fresh in every epoch."""

from __future__ import annotations

from functools import lru_cache

import librosa
import numpy as np
from scipy.ndimage import gaussian_filter1d

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
    # Bands first: to move them is then to copy whole rows. No matrix products, whose threads would fight
    # with those of a training that runs meanwhile (measured: they doubled an epoch).
    spectra = np.ascontiguousarray(varied.transpose(0, 2, 1))
    envelope = gaussian_filter1d(spectra, SMOOTHING_BANDS, axis=1, mode="nearest")
    spectra -= envelope
    moved = _move_bands(envelope, np.exp(rng.uniform(-tract, tract, clips)), sr)
    moved += _move_bands(spectra, np.exp(rng.uniform(-pitch, pitch, clips)), sr)
    varied = np.ascontiguousarray(moved.transpose(0, 2, 1))
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
    return _between(x, below, place - below)


@lru_cache(maxsize=8)
def _centres(bands: int, sr: int) -> np.ndarray:
    return librosa.mel_frequencies(n_mels=bands + 2, fmin=0.0, fmax=sr / 2)[1:-1]


def _move_bands(x: np.ndarray, factor: np.ndarray, sr: int) -> np.ndarray:
    """(clips, bands, frames) -> the same: band f is read at frequency f * factor, linearly interpolated."""
    bands = x.shape[1]
    centres = _centres(bands, sr)
    wanted = np.clip(centres * factor[:, None], centres[0], centres[-1])
    below = np.clip(np.searchsorted(centres, wanted, side="right") - 1, 0, bands - 2)
    part = (wanted - centres[below]) / (centres[below + 1] - centres[below])
    return _between(x, below, part)


def _between(x: np.ndarray, below: np.ndarray, part: np.ndarray) -> np.ndarray:
    """Rows of ``x`` (clips, rows, n) at places ``below + part``, each (clips, places), interpolated."""
    clip = np.arange(len(x))[:, None]
    first = x[clip, below]
    return first + part[..., None].astype(np.float32) * (x[clip, below + 1] - first)
