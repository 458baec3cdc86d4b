"""Spectra as networks want them: real numbers at one level, and back."""

from __future__ import annotations

import numpy as np


def stack(spectrum: np.ndarray) -> np.ndarray:
    """(..., frames, bins) complex -> (..., frames, 2 * bins) float32: all real parts, then all imaginary."""
    spectrum = np.asarray(spectrum)
    return np.concatenate([spectrum.real, spectrum.imag], axis=-1).astype(np.float32, copy=False)


def unstack(stacked: np.ndarray) -> np.ndarray:
    """Inverse of :func:`stack`: (..., frames, 2 * bins) -> (..., frames, bins) complex64.

    Raises
    ------
    ValueError
        An odd number of values a frame.
    """
    stacked = np.asarray(stacked, np.float32)
    if stacked.shape[-1] % 2:
        raise ValueError(f"expected as many imaginary as real parts; received {stacked.shape[-1]} numbers")
    real, imaginary = np.split(stacked, 2, axis=-1)
    return (real + 1j * imaginary).astype(np.complex64, copy=False)


def level(spectrum: np.ndarray) -> np.ndarray:
    """Root mean square magnitude of each complex spectrum, (..., frames, bins) -> (..., 1, 1), never 0.

    A spectrum divided by it is what networks are trained on, whatever the recording's level was.
    """
    spectrum = np.asarray(spectrum)
    power = np.mean(spectrum.real**2 + spectrum.imag**2, axis=(-2, -1), keepdims=True)
    return np.maximum(np.sqrt(power), 1e-7).astype(np.float32)
