"""Clips that are in memory."""

from __future__ import annotations

import hashlib
from functools import cached_property

import numpy as np


class ArraySource:
    """A :class:`clip_source.ClipSource` of an array; a part carries its own samples only.

    Parameters
    ----------
    y : np.ndarray, shape (clips, n_samples), float32
    sr : int
        Sampling rate in Hz.

    Raises
    ------
    ValueError
        Not a table of clips.
    """

    def __init__(self, y: np.ndarray, *, sr: int):
        self.y = np.ascontiguousarray(y, np.float32)
        if self.y.ndim != 2 or 0 in self.y.shape:
            raise ValueError(f"expected clips of shape (clips, n_samples); received {self.y.shape}")
        self.sr = sr
        self.n_samples = self.y.shape[1]

    def __len__(self) -> int:
        return len(self.y)

    @cached_property
    def sha256(self) -> str:
        """Hash of the samples themselves: clips that were chosen or changed by hand cannot be mistaken."""
        digest = hashlib.sha256(f"{self.y.shape} {self.sr} ".encode())
        digest.update(self.y.data)
        return digest.hexdigest()

    def part(self, start: int, stop: int) -> ArraySource:
        """Clips ``start`` to ``stop - 1``, without a copy."""
        return ArraySource(self.y[start:stop], sr=self.sr)

    def samples(self) -> np.ndarray:
        """The array."""
        return self.y
