"""Where clips come from when there may be too many of them to hold at once."""

from __future__ import annotations

from typing import Protocol

import numpy as np


class ClipSource(Protocol):
    """Clips in an order that never changes, read a part at a time.

    A part is a source too and can be pickled: it travels to another process and is read there.
    """

    sr: int
    n_samples: int

    def __len__(self) -> int:
        """Number of clips."""

    @property
    def sha256(self) -> str:
        """Hash of everything that the samples follow from."""

    def part(self, start: int, stop: int) -> ClipSource:
        """Clips ``start`` to ``stop - 1``."""

    def samples(self) -> np.ndarray:
        """All clips, shape (clips, n_samples), float32, in [-1, 1]."""
