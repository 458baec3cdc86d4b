"""Find a phase for a magnitude spectrogram that has lost its own."""

from __future__ import annotations

import numpy as np

from course_lib.audio.stft import istft, stft


def griffin_lim(
    magnitude: np.ndarray,
    *,
    n_fft: int = 256,
    hop_length: int = 64,
    n_iter: int = 32,
    momentum: float = 0.99,
    seed: int = 0,
) -> np.ndarray:
    """Estimate a signal from magnitudes by the fast Griffin-Lim algorithm, for a whole batch at once.

    Parameters
    ----------
    magnitude : np.ndarray, shape (..., frames, 1 + n_fft // 2)
        Non-negative STFT magnitudes.
    n_iter : int
        Iterations; 32 is near the plateau for speech.
    momentum : float
        0 is the original algorithm of Griffin and Lim (1984); 0.99 is the fast variant of
        Perraudin, Balazs and Søndergaard (2013).
    seed : int
        Seeds the random initial phase: the same input and seed give the same sound.

    Returns
    -------
    np.ndarray, shape (..., frames * hop_length), float32
    """
    magnitude = np.asarray(magnitude, dtype=np.float32)
    if magnitude.shape[-1] != 1 + n_fft // 2:
        raise ValueError(f"expected {1 + n_fft // 2} frequency bins; received {magnitude.shape[-1]}")
    if n_iter < 0:
        raise ValueError(f"n_iter must be at least 0; received {n_iter}")
    rng = np.random.default_rng(seed)
    # One phase plane for all clips of the batch: a clip sounds the same alone and among others.
    phase = rng.uniform(0, 2 * np.pi, size=magnitude.shape[-2:]).astype(np.float32)
    estimate = magnitude * np.exp(1j * phase).astype(np.complex64)
    previous = np.zeros((), dtype=np.complex64)
    for _ in range(n_iter):
        rebuilt = stft(
            istft(estimate, n_fft=n_fft, hop_length=hop_length), n_fft=n_fft, hop_length=hop_length
        )
        direction = rebuilt - np.float32(momentum / (1 + momentum)) * previous
        previous = rebuilt
        estimate = direction
        estimate *= magnitude / np.maximum(np.abs(direction), 1e-8)
    return istft(estimate, n_fft=n_fft, hop_length=hop_length)
