"""The mel filter bank and an inverse for it."""

from __future__ import annotations

import warnings
from functools import lru_cache

import librosa
import numpy as np

from course_lib.audio.product import multiply


@lru_cache(maxsize=16)
def mel_filters(*, sr: int, n_fft: int, n_mels: int) -> np.ndarray:
    """Slaney's mel filters, each with unit sum, shape (1 + n_fft // 2, n_mels), float32.

    Unit sums make a band's value an average magnitude, in the same unit as a bin's.
    A band too narrow to hold any bin takes the bin nearest its centre.
    """
    with warnings.catch_warnings():
        # librosa advises fewer bands; here the empty ones are filled below.
        warnings.filterwarnings("ignore", "Empty filters detected")
        filters = librosa.filters.mel(sr=sr, n_fft=n_fft, n_mels=n_mels, norm=None).T.astype(np.float32)
    centres = librosa.mel_frequencies(n_mels=n_mels + 2, fmin=0.0, fmax=sr / 2)[1:-1]
    for band in np.flatnonzero(filters.sum(axis=0) < 1e-6):
        filters[round(centres[band] * n_fft / sr), band] = 1.0
    filters /= filters.sum(axis=0, keepdims=True)
    filters.flags.writeable = False
    return filters


def mel_to_stft(mel: np.ndarray, *, sr: int, n_fft: int, n_iter: int = 30) -> np.ndarray:
    """Non-negative STFT magnitudes whose mel bands are nearest ``mel`` in least squares.

    Parameters
    ----------
    mel : np.ndarray, shape (..., frames, n_mels)
        Non-negative mel magnitudes.
    n_iter : int
        Multiplicative updates (Lee and Seung, 1999), which keep every value non-negative.

    Returns
    -------
    np.ndarray, shape (..., frames, 1 + n_fft // 2), float32
    """
    filters = mel_filters(sr=sr, n_fft=n_fft, n_mels=mel.shape[-1])
    mel = np.asarray(mel, dtype=np.float32)
    # Start from each bin's interpolation between the bands that see it: smooth, like a spectrum.
    spread = filters.T / np.maximum(filters.sum(axis=1), 1e-6)
    magnitude = multiply(mel, spread)
    target = multiply(mel, filters.T)
    gram = filters @ filters.T
    for _ in range(n_iter):
        magnitude *= target / np.maximum(multiply(magnitude, gram), 1e-12)
    return magnitude
