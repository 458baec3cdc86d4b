"""Sums of sines that keep below half the sampling rate, and shaped noise."""

from __future__ import annotations

import numpy as np

# Partials fade out between these fractions of the sampling rate: none is ever folded back.
FADE_FROM, FADE_TO = 0.43, 0.48


def below_nyquist(frequency: np.ndarray, *, sr: int) -> np.ndarray:
    """Gain in [0, 1] for partials at ``frequency`` (Hz): 1, and falling to 0 shortly below ``sr / 2``."""
    return np.clip((FADE_TO - np.asarray(frequency) / sr) / (FADE_TO - FADE_FROM), 0.0, 1.0)


def harmonics_below_nyquist(f0: float, *, sr: int) -> np.ndarray:
    """1, 2, 3, ... up to the last harmonic of ``f0`` (Hz) that may sound, shape (harmonics,)."""
    return np.arange(1, max(1, int(FADE_TO * sr / f0)) + 1)


def harmonic_sum(phase: np.ndarray, amplitude: np.ndarray, offset: np.ndarray | None = None) -> np.ndarray:
    """Sum of ``amplitude[k] * sin((k + 1) * phase + offset[k])``.

    Parameters
    ----------
    phase : np.ndarray, shape (samples,)
        Of the fundamental, in radians; may run at a changing rate.
    amplitude : np.ndarray, shape (harmonics,) or (harmonics, samples)
    offset : np.ndarray, shape (harmonics,), optional
    """
    turn = np.exp(1j * phase)
    power = np.ones_like(turn)
    y = np.zeros(len(phase))
    offset = np.zeros(len(amplitude)) if offset is None else offset
    for level, angle in zip(amplitude, offset, strict=True):
        power *= turn
        if np.any(level):
            y += level * (power.imag * np.cos(angle) + power.real * np.sin(angle))
    return y


def shaped_noise(gain, n_samples: int, *, sr: int, rng: np.random.Generator) -> np.ndarray:
    """Gaussian noise whose spectrum follows ``gain``, with unit variance.

    Parameters
    ----------
    gain : callable
        Frequencies in Hz, shape (bins,) -> non-negative gains of the same shape.
    """
    size = n_samples + n_samples % 2
    spectrum = np.fft.rfft(rng.standard_normal(size))
    spectrum *= gain(np.fft.rfftfreq(size, 1 / sr))
    y = np.fft.irfft(spectrum, size)[:n_samples]
    return y / max(float(y.std()), 1e-12)


def bump(frequency: np.ndarray, centre: float, *, octaves: float) -> np.ndarray:
    """A resonance: 1 at ``centre`` (Hz), Gaussian over log frequency with a half width of ``octaves``."""
    distance = np.log2(np.maximum(frequency, 1.0) / centre) / octaves
    return np.exp(-0.5 * distance**2)
