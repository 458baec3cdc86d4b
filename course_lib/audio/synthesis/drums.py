"""Four drums: kick, snare, hat and tom."""

from __future__ import annotations

import numpy as np

from course_lib.audio.synthesis.envelope import decay, release, rise
from course_lib.audio.synthesis.partials import below_nyquist, shaped_noise

# The six oscillators of the Roland TR-808's cymbal, in Hz.
METAL_HZ = (205.3, 304.4, 369.6, 522.7, 540.0, 800.0)


def kick(*, brightness: float, sr: int, n_samples: int, rng: np.random.Generator) -> np.ndarray:
    """A sine that falls from about 150 to 50 Hz, with a short beat of the hammer."""
    low = rng.uniform(45, 58)
    y = _sweep(low * rng.uniform(2.4, 3.2), low, 0.035, sr, n_samples) * decay(n_samples, t60=0.45, sr=sr)
    hammer = shaped_noise(lambda hz: 1 / (1 + (hz / 900) ** 4), n_samples, sr=sr, rng=rng)
    y += (0.05 + 0.25 * brightness) * hammer * decay(n_samples, t60=0.03, sr=sr)
    return _finish(y, sr)


def snare(*, brightness: float, sr: int, n_samples: int, rng: np.random.Generator) -> np.ndarray:
    """Two modes of the skin, and the rattle of the wires."""
    f0 = rng.uniform(170, 210)
    y = _sweep(1.15 * f0, f0, 0.02, sr, n_samples) * decay(n_samples, t60=0.18, sr=sr)
    y += 0.6 * _sweep(1.9 * f0, 1.75 * f0, 0.02, sr, n_samples) * decay(n_samples, t60=0.13, sr=sr)
    wires = shaped_noise(lambda hz: 1 / (1 + (900 / np.maximum(hz, 1)) ** 4), n_samples, sr=sr, rng=rng)
    y += (0.35 + 0.5 * brightness) * wires * decay(n_samples, t60=rng.uniform(0.22, 0.32), sr=sr)
    return _finish(y, sr)


def hat(*, brightness: float, sr: int, n_samples: int, rng: np.random.Generator) -> np.ndarray:
    """A closed hi-hat: six square waves that fit no chord, and noise, both high."""
    time = np.arange(n_samples) / sr
    edge = 0.3 * sr
    metal = np.zeros(n_samples)
    for f0 in np.array(METAL_HZ) * rng.uniform(0.97, 1.03):
        odd = np.arange(1, int(0.5 * sr / f0) + 1, 2)
        level = below_nyquist(odd * f0, sr=sr) / odd / (1 + (edge / (odd * f0)) ** 6)
        heard = level > 1e-4
        angle = rng.uniform(0, 2 * np.pi)
        for n, gain in zip(odd[heard], level[heard], strict=True):
            metal += gain * np.sin(n * (2 * np.pi * f0 * time + angle))
    noise = shaped_noise(lambda hz: 1 / (1 + (edge / np.maximum(hz, 1)) ** 8), n_samples, sr=sr, rng=rng)
    y = metal / metal.std() + (0.6 + 0.6 * brightness) * noise
    return _finish(y * decay(n_samples, t60=rng.uniform(0.10, 0.16) * (1 + 0.5 * brightness), sr=sr), sr)


def tom(*, brightness: float, sr: int, n_samples: int, rng: np.random.Generator) -> np.ndarray:
    """A tuned skin: its pitch sags as it dies."""
    f0 = rng.uniform(95, 150)
    y = _sweep(1.5 * f0, f0, 0.06, sr, n_samples) * decay(n_samples, t60=0.6, sr=sr)
    y += 0.35 * _sweep(2.4 * f0, 1.6 * f0, 0.06, sr, n_samples) * decay(n_samples, t60=0.3, sr=sr)
    stick = shaped_noise(lambda hz: 1 / (1 + (hz / 1500) ** 4), n_samples, sr=sr, rng=rng)
    y += (0.04 + 0.2 * brightness) * stick * decay(n_samples, t60=0.04, sr=sr)
    return _finish(y, sr)


def _sweep(start: float, end: float, seconds: float, sr: int, n_samples: int) -> np.ndarray:
    """A sine that falls from ``start`` to ``end`` Hz with a time constant of ``seconds``."""
    time = np.arange(n_samples) / sr
    turns = end * time + (start - end) * seconds * (1 - np.exp(-time / seconds))
    return np.sin(2 * np.pi * turns)


def _finish(y: np.ndarray, sr: int) -> np.ndarray:
    end = len(y) / sr
    y = y * rise(len(y), seconds=0.0015, sr=sr)
    return y * release(len(y), end=end, seconds=end / 3, sr=sr)
