"""A matrix product for many small spectra, without threads."""

from __future__ import annotations

import numpy as np

# OpenBLAS starts threads above about this many multiplications. For matrices of this kind the threads then
# mostly wait for each other: measured on two busy cores, a product takes ten times as long as in blocks.
BLOCK_MULTIPLICATIONS = 2**18


def multiply(frames: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """``frames @ matrix`` in blocks of frames: shape (..., frames, a) and (a, b) -> (..., frames, b)."""
    frames = np.asarray(frames)
    count, a = frames.shape[-2:]
    block = max(1, BLOCK_MULTIPLICATIONS // max(1, a * matrix.shape[1]))
    whole = count // block * block
    if count <= block:
        return frames @ matrix
    batch = frames.shape[:-2]
    blocks = frames[..., :whole, :].reshape(*batch, whole // block, block, a) @ matrix
    product = blocks.reshape(*batch, whole, matrix.shape[1])
    if whole == count:
        return product
    return np.concatenate([product, frames[..., whole:, :] @ matrix], axis=-2)
