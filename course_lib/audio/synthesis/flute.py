"""A flute: nearly a sine, in a stream of breath."""

from __future__ import annotations

import numpy as np

from course_lib.audio.synthesis.envelope import release, rise
from course_lib.audio.synthesis.partials import below_nyquist, bump, harmonic_sum, shaped_noise


def flute(f0: float, *, brightness: float, sr: int, n_samples: int, rng: np.random.Generator) -> np.ndarray:
    """Additive flute with breath noise around its harmonics.

    Its vibrato is one of loudness. Soft notes are purer and hold more breath beside the tone.

    Parameters
    ----------
    f0 : float
        Fundamental in Hz.
    brightness : float
        0 to 1: level of the harmonics above the first.

    Returns
    -------
    np.ndarray, shape (n_samples,)
        Of any level.
    """
    time, end = np.arange(n_samples) / sr, n_samples / sr
    k = np.arange(1, 6)
    amplitude = np.array([1.0, 0.30, 0.16, 0.04, 0.02]) * (0.25 + 0.75 * brightness) ** (k - 1)
    amplitude *= 10 ** (rng.uniform(-1, 1, len(k)) / 20) * below_nyquist(k * f0, sr=sr)
    tremolo = 1 + 0.12 * rise(n_samples, seconds=min(0.3, end / 2), sr=sr) * np.sin(
        2 * np.pi * rng.uniform(4.6, 5.4) * time + rng.uniform(0, 2 * np.pi)
    )
    tone = harmonic_sum(2 * np.pi * f0 * time, amplitude, rng.uniform(0, 2 * np.pi, len(k)))
    tone *= tremolo * rise(n_samples, seconds=min(0.08, end / 4), sr=sr)

    def breath(hz: np.ndarray) -> np.ndarray:
        around = sum(bump(hz, n * f0, octaves=0.22) / n for n in (1, 2, 3))
        return around + 0.5 * bump(hz, 0.22 * sr, octaves=0.8)

    noise = shaped_noise(breath, n_samples, sr=sr, rng=rng) * tremolo
    # The chiff: air before the tone has settled.
    noise *= rise(n_samples, seconds=0.015, sr=sr) * (1 + 2.0 * np.exp(-time / 0.04))
    y = tone + (0.075 - 0.03 * brightness) * noise
    return y * release(n_samples, end=0.93 * end, seconds=min(0.07, end / 4), sr=sr)
