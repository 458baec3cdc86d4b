"""Any number of clips by rule: to rehearse what a large data set costs, and to test that it streams."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

# Raise when the rule changes.
VERSION = 1
# Two irrational steps: no two clips have the same pitch and length.
GOLDEN, SILVER = 0.6180339887498949, 0.41421356237309503


@dataclass(frozen=True)
class GeneratedSource:
    """A :class:`clip_source.ClipSource` of buzzes that swell and fade, each of another pitch and length.

    Attributes
    ----------
    count : int
        Number of clips.
    first : int
        Number of the first clip; clip 7 is the same in every source that holds it.
    sr, n_samples : int
        Sampling rate in Hz, and samples of a clip.
    """

    count: int
    first: int = 0
    sr: int = 8000
    n_samples: int = 8192

    def __post_init__(self):
        if self.count < 1:
            raise ValueError(f"expected at least one clip; received {self.count}")

    def __len__(self) -> int:
        return self.count

    @property
    def sha256(self) -> str:
        """Hash of the rule and its numbers."""
        return hashlib.sha256(f"{VERSION} {self}".encode()).hexdigest()

    def part(self, start: int, stop: int) -> GeneratedSource:
        """Clips ``start`` to ``stop - 1``; a few numbers, whatever its length."""
        stop = min(stop, self.count)
        return GeneratedSource(stop - start, self.first + start, self.sr, self.n_samples)

    def samples(self) -> np.ndarray:
        """Clips, shape (count, n_samples), float32, peaks at most 0.5.

        Only operations that IEEE 754 rounds exactly: the same bits on every machine.
        """
        number = np.arange(self.first, self.first + self.count, dtype=np.float64)[:, None]
        seconds = np.arange(self.n_samples) / self.sr
        pitch = 90 + 160 * (number * GOLDEN % 1)
        length = 0.2 + 0.5 * (number * SILVER % 1)
        buzz = (pitch * seconds % 1).astype(np.float32)
        swell = ((seconds - 0.064) / length).astype(np.float32)
        swell = np.maximum(swell * (1 - swell), 0)
        return swell * (4 * buzz - 2)
