"""Short-time Fourier transform of whole batches, and its inverse."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import scipy.fft
import scipy.signal


@lru_cache(maxsize=16)
def _window(n_fft: int) -> np.ndarray:
    return scipy.signal.get_window("hann", n_fft, fftbins=True).astype(np.float32)


@lru_cache(maxsize=32)
def _window_energy(n_fft: int, hop_length: int, n_frames: int) -> np.ndarray:
    """Sum of squared windows at each sample of the centred signal, for the overlap-add inverse."""
    energy = overlap_add(np.broadcast_to(_window(n_fft) ** 2, (n_frames, n_fft)), hop_length=hop_length)
    return np.maximum(energy, 1e-8)


def window_gain(n_fft: int) -> float:
    """Magnitude that a full-scale sine reaches in one bin: half the window's sum."""
    return float(_window(n_fft).sum() / 2)


def frame(y: np.ndarray, *, n_fft: int, hop_length: int) -> np.ndarray:
    """Overlapping views of ``y``, shape (..., samples) -> (..., frames, n_fft), no copy."""
    return np.lib.stride_tricks.sliding_window_view(y, n_fft, axis=-1)[..., ::hop_length, :]


def overlap_add(frames: np.ndarray, *, hop_length: int) -> np.ndarray:
    """Add frames, shape (..., frames, n_fft), at steps of ``hop_length`` -> (..., samples)."""
    *batch, n_frames, n_fft = frames.shape
    if n_fft % hop_length:
        raise ValueError(f"hop_length must divide n_fft = {n_fft}; received {hop_length}")
    parts = n_fft // hop_length
    y = np.zeros((*batch, n_frames + parts - 1, hop_length), dtype=frames.dtype)
    pieces = frames.reshape(*batch, n_frames, parts, hop_length)
    for part in range(parts):
        y[..., part : part + n_frames, :] += pieces[..., part, :]
    return y.reshape(*batch, -1)


def stft(y: np.ndarray, *, n_fft: int = 256, hop_length: int = 64) -> np.ndarray:
    """Short-time Fourier transform with a Hann window, frames centred on multiples of ``hop_length``.

    Parameters
    ----------
    y : np.ndarray, shape (..., samples)
        ``samples`` must be a multiple of ``hop_length``.

    Returns
    -------
    np.ndarray, shape (..., samples // hop_length, 1 + n_fft // 2), complex64
        Time before frequency, unlike librosa: a frame is one step of a network's input. There is no
        frame centred on the very end, so 8192 samples at a hop of 64 give 128 frames.
    """
    y = np.asarray(y, dtype=np.float32)
    samples = y.shape[-1]
    if samples % hop_length:
        raise ValueError(f"hop_length must divide the {samples} samples; received {hop_length}")
    half = n_fft // 2
    padded = np.zeros((*y.shape[:-1], samples + n_fft - hop_length), np.float32)
    padded[..., half : half + samples] = y
    frames = frame(padded, n_fft=n_fft, hop_length=hop_length) * _window(n_fft)
    return scipy.fft.rfft(frames, axis=-1, overwrite_x=True)


def istft(spectrum: np.ndarray, *, n_fft: int = 256, hop_length: int = 64) -> np.ndarray:
    """Inverse of :func:`stft`: shape (..., frames, 1 + n_fft // 2) -> (..., frames * hop_length), float32.

    The least-squares inverse: exact for a spectrogram that some signal has, up to the last
    ``hop_length`` samples, which only the window's edge sees.
    """
    frames = scipy.fft.irfft(spectrum, n=n_fft, axis=-1).astype(np.float32, copy=False)
    frames *= _window(n_fft)
    n_frames = spectrum.shape[-2]
    y = overlap_add(frames, hop_length=hop_length)
    y /= _window_energy(n_fft, hop_length, n_frames)
    half = n_fft // 2
    return y[..., half : half + n_frames * hop_length]
