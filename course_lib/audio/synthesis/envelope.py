"""Shapes of loudness over time, and the level that a velocity stands for."""

from __future__ import annotations

import numpy as np

# Loudest 50 ms at full velocity, in dB re full scale, and how much quieter velocity 0 would be.
LOUDEST_DB, VELOCITY_RANGE_DB = -14.0, 24.0
LEVEL_SECONDS = 0.05
PEAK = 0.98


def rise(n_samples: int, *, seconds: float, sr: int) -> np.ndarray:
    """From 0 up to 1 along a half cosine that takes ``seconds``, shape (n_samples,)."""
    place = np.minimum(np.arange(n_samples) / max(1.0, seconds * sr), 1.0)
    return 0.5 - 0.5 * np.cos(np.pi * place)


def release(n_samples: int, *, end: float, seconds: float, sr: int) -> np.ndarray:
    """1 until ``seconds`` before ``end`` (both in seconds), then along a half cosine down to 0."""
    place = (np.arange(n_samples) - (end - seconds) * sr) / max(1.0, seconds * sr)
    return 0.5 + 0.5 * np.cos(np.pi * np.clip(place, 0.0, 1.0))


def decay(n_samples: int, *, t60: float, sr: int) -> np.ndarray:
    """Exponential decay from 1 that falls by 60 dB in ``t60`` seconds."""
    return 10 ** (-3 * np.arange(n_samples) / (t60 * sr))


def set_level(y: np.ndarray, *, velocity: int, sr: int) -> np.ndarray:
    """Scale ``y``, shape (samples,), so that its loudest 50 ms have the level of ``velocity``."""
    size = max(1, min(len(y), round(LEVEL_SECONDS * sr)))
    power = np.convolve(y**2, np.full(size, 1 / size), mode="valid")
    loudest = float(np.sqrt(power.max()))
    if not loudest > 0:
        return y
    level_db = LOUDEST_DB - VELOCITY_RANGE_DB * (1 - velocity / 127)
    gain = 10 ** (level_db / 20) / loudest
    return y * min(gain, PEAK / float(np.abs(y).max()))
