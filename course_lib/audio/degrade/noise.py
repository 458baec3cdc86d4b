"""Noise that is added: each kind at an exact signal-to-noise ratio.

All take ``y``, shape (samples,), in [-1, 1], and return a new float32 array of that shape, which may leave
[-1, 1]; ``snr_db``, ``level`` and the errors are those of :func:`course_lib.audio.level.add_at_snr`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.fft
import scipy.signal

from course_lib.audio.level import active_rms, add_at_snr, check_audible, check_number

# Coloured noise would put most of its energy below hearing if nothing stopped it.
LOWEST_HZ = 20.0


def coloured_noise(
    n_samples: int, *, exponent: float, rng: np.random.Generator, sr: int = 8000
) -> np.ndarray:
    """Gaussian noise whose power falls as 1 / f ** exponent from 20 Hz up, shape (n_samples,).

    ``exponent`` 0 is white, 1 pink (-3.01 dB an octave), 2 brown (-6.02 dB an octave). Nothing below
    20 Hz. float64, unit power.
    """
    spectrum = scipy.fft.rfft(rng.standard_normal(n_samples))
    frequency = scipy.fft.rfftfreq(n_samples, 1 / sr)
    shape = np.zeros_like(frequency)
    audible = frequency >= LOWEST_HZ
    shape[audible] = frequency[audible] ** (-exponent / 2)
    noise = scipy.fft.irfft(spectrum * shape, n=n_samples)
    return noise / np.sqrt(np.mean(noise**2))


def gaussian(
    y, *, snr_db: float, rng: np.random.Generator, level: str = "clip", sr: int = 8000
) -> np.ndarray:
    """White noise: every sample independent and normal, every frequency equally strong. A hiss."""
    y = check_audible(y)
    return add_at_snr(y, rng.standard_normal(len(y)), snr_db=snr_db, level=level, sr=sr)


def pink(y, *, snr_db: float, rng: np.random.Generator, level: str = "clip", sr: int = 8000) -> np.ndarray:
    """Noise of equal power in every octave from 20 Hz: -3 dB an octave. Rain, a waterfall."""
    y = check_audible(y)
    noise = coloured_noise(len(y), exponent=1.0, rng=rng, sr=sr)
    return add_at_snr(y, noise, snr_db=snr_db, level=level, sr=sr)


def brown(y, *, snr_db: float, rng: np.random.Generator, level: str = "clip", sr: int = 8000) -> np.ndarray:
    """Noise of a random walk from 20 Hz: -6 dB an octave. A rumble; small loudspeakers swallow most of it."""
    y = check_audible(y)
    noise = coloured_noise(len(y), exponent=2.0, rng=rng, sr=sr)
    return add_at_snr(y, noise, snr_db=snr_db, level=level, sr=sr)


def hum(
    y,
    *,
    snr_db: float,
    rng: np.random.Generator,
    mains_hz: float = 50.0,
    harmonics: int = 12,
    level: str = "clip",
    sr: int = 8000,
) -> np.ndarray:
    """Mains hum: ``mains_hz`` (50 in Europe, 60 in North America) and its harmonics, phases from ``rng``.

    Harmonic h has amplitude 1 / h when odd and 0.5 / h when even, as rectifiers and saturated iron make it.
    ``harmonics`` counts them, the fundamental included; those above 0.95 of half the rate are left out.
    """
    y = check_audible(y)
    mains_hz = check_number(mains_hz, name="mains_hz", low=10, high=0.475 * sr, unit="Hz")
    if harmonics < 1:
        raise ValueError(f"harmonics must be at least 1; received {harmonics}")
    number = np.arange(1, harmonics + 1)
    phase = rng.uniform(0, 2 * np.pi, size=harmonics)
    heard = number * mains_hz <= 0.475 * sr
    amplitude = np.where(number % 2, 1.0, 0.5) / number
    time = np.arange(len(y)) / sr
    waves = np.sin(2 * np.pi * mains_hz * number[heard, None] * time + phase[heard, None])
    return add_at_snr(y, amplitude[heard] @ waves, snr_db=snr_db, level=level, sr=sr)


def babble(
    y,
    *,
    snr_db: float,
    rng: np.random.Generator,
    voices: Sequence[np.ndarray],
    level: str = "clip",
    sr: int = 8000,
) -> np.ndarray:
    """Other people talking: voices at equal speech level, each looped from a place that ``rng`` chooses.

    Parameters
    ----------
    voices : sequence of np.ndarray, each of shape (any number of samples,)
        One array for each talker, without padding; six sound like a room. Whether the speaker of ``y`` is
        among them is the caller's choice (:mod:`course_lib.data.noisy_strings` never takes him).
    """
    y = check_audible(y)
    if not len(voices):
        raise ValueError("babble needs voices=[...], one sound for each talker; received none")
    total = np.zeros(len(y))
    for number, voice in enumerate(voices):
        voice = check_audible(voice, name=f"voices[{number}]")
        start = int(rng.integers(len(voice)))
        looped = voice[(start + np.arange(len(y))) % len(voice)]
        total += looped / active_rms(voice, sr=sr)
    return add_at_snr(y, total, snr_db=snr_db, level=level, sr=sr)


def clicks(
    y,
    *,
    snr_db: float,
    rng: np.random.Generator,
    per_second: float = 15.0,
    level: str = "clip",
    sr: int = 8000,
) -> np.ndarray:
    """Clicks of a scratched record or a bad contact: damped bursts of 2 ms at random times, at least one.

    ``per_second`` is their exact number in each second, rounded for the whole clip; loudness varies by 10 dB.
    """
    y = check_audible(y)
    per_second = check_number(per_second, name="per_second", low=0, high=sr / 8)
    count = min(len(y), max(1, round(per_second * len(y) / sr)))
    train = np.zeros(len(y))
    place = rng.choice(len(y), size=count, replace=False)
    train[place] = rng.choice([-1.0, 1.0], size=count) * 10 ** rng.uniform(-0.5, 0.0, size=count)
    time = np.arange(max(2, round(0.002 * sr))) / sr
    burst = np.exp(-time / 0.0004) * np.cos(2 * np.pi * 0.3 * sr * time)
    return add_at_snr(y, scipy.signal.lfilter(burst, 1.0, train), snr_db=snr_db, level=level, sr=sr)
