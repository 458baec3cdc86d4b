"""The recordings of a data set, read and prepared when they are needed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

from course_lib.data.prepared import VERSION


@dataclass(frozen=True)
class RecordedSource:
    """A :class:`clip_source.ClipSource` of files: what :func:`catalog.load` gives, in the same order.

    A part holds names; who reads it needs the data set on its own disk. Every file is compared with its
    hash there.

    Attributes
    ----------
    dataset : str
        Name in the catalog.
    names : tuple of str
        Files, in order.
    sr, n_samples : int
        Sampling rate in Hz, and samples of a clip.
    """

    dataset: str
    names: tuple[str, ...]
    sr: int = 8000
    n_samples: int = 8192

    @classmethod
    def of(cls, dataset: str, *, sr: int = 8000, n_samples: int = 8192) -> RecordedSource:
        """All recordings of a data set.

        Raises
        ------
        ValueError, FileNotFoundError
            As :func:`catalog.load`.
        """
        from course_lib.data import catalog

        entry = catalog.get(dataset)
        entry.require()
        return cls(dataset, tuple(sorted(entry.hashes(), key=catalog.parse_order)), sr, n_samples)

    def __len__(self) -> int:
        return len(self.names)

    @property
    def sha256(self) -> str:
        """Hash of the files' hashes in their order, of the preparation and of the clips' size."""
        from course_lib.data import catalog

        entry = catalog.get(self.dataset)
        hashes = entry.hashes()
        lines = "".join(f"{hashes[name]}  {name}\n" for name in self.names)
        facts = f"{VERSION} {catalog.style_of(entry)} {self.sr} {self.n_samples}\n"
        return hashlib.sha256((facts + lines).encode()).hexdigest()

    def part(self, start: int, stop: int) -> RecordedSource:
        """Recordings ``start`` to ``stop - 1``."""
        return RecordedSource(self.dataset, self.names[start:stop], self.sr, self.n_samples)

    def samples(self) -> np.ndarray:
        """Read, check and prepare them all."""
        from course_lib.data import catalog

        entry = catalog.get(self.dataset)
        return catalog.prepare_all(entry, list(self.names), sr=self.sr, n_samples=self.n_samples)[0]
