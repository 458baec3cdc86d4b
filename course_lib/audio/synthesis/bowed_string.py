"""A bowed string: a sawtooth of many harmonics in a wooden body, never quite at rest."""

from __future__ import annotations

import numpy as np

from course_lib.audio.synthesis.envelope import release, rise
from course_lib.audio.synthesis.partials import (
    below_nyquist,
    bump,
    harmonic_sum,
    harmonics_below_nyquist,
    shaped_noise,
)

# Resonances of the body: centre in Hz, gain.
BODY = ((290.0, 1.2), (470.0, 1.0), (1100.0, 0.6), (2600.0, 0.9))


def bowed_string(
    f0: float, *, brightness: float, sr: int, n_samples: int, rng: np.random.Generator
) -> np.ndarray:
    """Additive bowed string: Helmholtz's sawtooth, vibrato, and the noise of the bow.

    Vibrato swings evenly, in cents, around ``f0``, and sets in a while after the note.

    Parameters
    ----------
    f0 : float
        Fundamental in Hz, the mean over the vibrato.
    brightness : float
        0 to 1: steepness of the spectrum.

    Returns
    -------
    np.ndarray, shape (n_samples,)
        Of any level.
    """
    time, end = np.arange(n_samples) / sr, n_samples / sr
    depth_cents = rng.uniform(10, 16) * rise(n_samples, seconds=min(0.35, end / 2), sr=sr)
    vibrato = np.sin(2 * np.pi * rng.uniform(5.0, 6.2) * time + rng.uniform(0, 2 * np.pi))
    frequency = f0 * 2 ** (depth_cents * vibrato / 1200)
    phase = 2 * np.pi * np.concatenate([[0.0], np.cumsum(frequency[:-1])]) / sr
    k = harmonics_below_nyquist(f0 * 2 ** (16 / 1200), sr=sr)
    amplitude = _body(k * f0) / k ** (1.5 - 0.6 * brightness)
    amplitude *= below_nyquist(k * f0 * 2 ** (16 / 1200), sr=sr)
    attack = rise(n_samples, seconds=min(0.09 - 0.04 * brightness, end / 4), sr=sr)
    tone = harmonic_sum(phase, amplitude) * attack

    noise = shaped_noise(lambda hz: bump(hz, 0.26 * sr, octaves=0.7), n_samples, sr=sr, rng=rng)
    # The bow slips once a period, and scratches while it catches the string.
    slips = 0.4 + 0.6 * np.maximum(0.0, np.cos(phase)) ** 4
    scratch = rise(n_samples, seconds=0.01, sr=sr) * (1 + 2.5 * np.exp(-time / 0.05))
    y = tone + 0.035 * tone.std() * noise * slips * scratch
    return y * release(n_samples, end=0.95 * end, seconds=min(0.1, end / 4), sr=sr)


def _body(frequency: np.ndarray) -> np.ndarray:
    return 0.35 + sum(gain * bump(frequency, centre, octaves=0.3) for centre, gain in BODY)
