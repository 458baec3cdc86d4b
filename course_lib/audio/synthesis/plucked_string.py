"""A plucked string: noise in a loop that is one period long."""

from __future__ import annotations

import numpy as np
import scipy.signal

from course_lib.audio.synthesis.envelope import release
from course_lib.audio.synthesis.partials import below_nyquist, harmonic_sum, harmonics_below_nyquist

# Where the decay of the overtones is set, and for which the loop's low-pass is chosen.
BRIGHT_HZ = 2000.0


def plucked_string(
    f0: float, *, brightness: float, sr: int, n_samples: int, rng: np.random.Generator
) -> np.ndarray:
    """Karplus-Strong, tuned exactly.

    K. Karplus, A. Strong, "Digital synthesis of plucked-string and drum timbres", and D. Jaffe, J. Smith,
    "Extensions of the Karplus-Strong plucked-string algorithm", both Computer Music Journal 7(2), 1983. The
    loop is an integer delay, a symmetric low-pass (overtones die first) and a third-order Lagrange
    interpolator that makes up the fraction of a sample, corrected so that the delay is right at ``f0``.

    Parameters
    ----------
    f0 : float
        Fundamental in Hz, at most ``sr / 6``.
    brightness : float
        0 (soft finger) to 1 (hard pick): overtones in the pluck, and how long they last.

    Returns
    -------
    np.ndarray, shape (n_samples,)
        Of any level.
    """
    period = sr / f0
    t60 = np.clip(2.6 * (220 / f0) ** 0.35, 0.9, 4.0) * rng.uniform(0.9, 1.1)
    bright_t60 = (0.25 + 0.75 * brightness) * min(1.0, t60 / 2)
    kept = 10 ** (-3 * period / (sr * bright_t60))
    side = np.clip((1 - kept) / (2 * (1 - np.cos(2 * np.pi * min(BRIGHT_HZ, sr / 4) / sr))), 0.0, 0.25)
    lowpass = np.array([side, 1 - 2 * side, side])
    whole = int(period - 2)
    fraction = _delay_for(period - 1 - whole, 2 * np.pi * f0 / sr)
    loop = np.convolve(lowpass, _lagrange(fraction))
    response = abs(np.polyval(loop[::-1], np.exp(-2j * np.pi * f0 / sr)))
    gain = min(10 ** (-3 * period / (sr * t60)) / response, 0.99995)
    feedback = np.zeros(whole + len(loop))
    feedback[0] = 1.0
    feedback[whole:] -= gain * loop
    y = scipy.signal.lfilter([1.0], feedback, _pluck(f0, brightness, sr, n_samples, rng))
    end = n_samples / sr
    return y * release(n_samples, end=end, seconds=min(0.12, end / 3), sr=sr)


def _pluck(f0: float, brightness: float, sr: int, n_samples: int, rng: np.random.Generator) -> np.ndarray:
    """One period of excitation: the spectrum of a string plucked at a point, in random phases."""
    k = harmonics_below_nyquist(f0, sr=sr)
    point = rng.uniform(0.13, 0.27)
    amplitude = np.maximum(np.abs(np.sin(np.pi * k * point)), 0.05) / k ** (0.6 + 1.2 * (1 - brightness))
    amplitude *= 10 ** (rng.uniform(-2, 2, len(k)) / 20) * below_nyquist(k * f0, sr=sr)
    samples = min(n_samples, int(np.ceil(sr / f0)))
    phase = 2 * np.pi * f0 / sr * np.arange(samples)
    burst = harmonic_sum(phase, amplitude, rng.uniform(0, 2 * np.pi, len(k)))
    # What falls outside whole harmonics would be an offset that the loop keeps for long.
    y = np.zeros(n_samples)
    y[:samples] = burst - burst.mean()
    return y


def _lagrange(delay: float) -> np.ndarray:
    """Four taps that delay by ``delay`` samples in [1, 2)."""
    taps = np.arange(4)
    return np.array([np.prod([(delay - j) / (i - j) for j in taps if j != i]) for i in taps])


def _delay_for(wanted: float, omega: float) -> float:
    """The interpolator's setting whose phase delay at ``omega`` (radians a sample) is ``wanted`` samples."""
    delay = wanted
    for _ in range(20):
        angle = -np.angle(np.polyval(_lagrange(delay)[::-1], np.exp(-1j * omega)))
        delay += wanted - angle / omega
    return delay
