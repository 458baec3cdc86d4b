"""A pipe organ: a handful of steady sines, as its stops add them."""

from __future__ import annotations

import numpy as np

from course_lib.audio.synthesis.envelope import release, rise
from course_lib.audio.synthesis.partials import below_nyquist, harmonic_sum

# Harmonics of the stops 8', 4', 2 2/3', 2', 1 3/5', 1 1/3' and 1'; registrations in steps of 3 dB, 8 is full.
HARMONICS = (1, 2, 3, 4, 5, 6, 8)
REGISTRATIONS = ((8, 8, 5, 6, 2, 2, 5), (8, 6, 8, 4, 3, 5, 3), (8, 7, 3, 7, 0, 4, 6))


def organ(f0: float, *, brightness: float, sr: int, n_samples: int, rng: np.random.Generator) -> np.ndarray:
    """Additive organ: steady as long as the key is held, with a slight tremulant.

    Parameters
    ----------
    f0 : float
        Fundamental in Hz.
    brightness : float
        0 to 1: how far the upper stops are drawn.

    Returns
    -------
    np.ndarray, shape (n_samples,)
        Of any level.
    """
    drawn = np.array(REGISTRATIONS[rng.integers(len(REGISTRATIONS))], float)
    level_db = 3.0 * (drawn - 8) - 4.0 * (1 - brightness) * np.arange(len(drawn))
    level_db += rng.uniform(-1.0, 1.0, len(drawn))
    amplitude = np.zeros(max(HARMONICS))
    amplitude[np.array(HARMONICS) - 1] = np.where(drawn > 0, 10 ** (level_db / 20), 0.0)
    amplitude *= below_nyquist(f0 * np.arange(1, len(amplitude) + 1), sr=sr)
    time = np.arange(n_samples) / sr
    y = harmonic_sum(2 * np.pi * f0 * time, amplitude, rng.uniform(0, 2 * np.pi, len(amplitude)))
    y *= 1 + 0.06 * np.sin(2 * np.pi * rng.uniform(5.8, 6.6) * time + rng.uniform(0, 2 * np.pi))
    end = n_samples / sr
    y *= rise(n_samples, seconds=min(0.012, end / 8), sr=sr)
    return y * release(n_samples, end=0.9 * end, seconds=min(0.04, end / 8), sr=sr)
