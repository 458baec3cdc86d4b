"""A data set that is a recipe: its sounds are made on first use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from course_lib.data.clips import Clips
from course_lib.data.dataset import Dataset


@dataclass(frozen=True, kw_only=True)
class GeneratedDataset(Dataset):
    """An entry of the catalog without files.

    ``hashes`` gives {name: hash of its recipe}, and ``folder`` is where prepared clips are cached.

    Attributes
    ----------
    make : callable
        ``make(sr=..., n_samples=...) -> Clips``.
    instruments : tuple of str
        What stands where other sets have speakers.
    """

    make: Callable[..., Clips]
    instruments: tuple[str, ...]

    @property
    def speaker_names(self) -> list[str]:
        """The instruments, in order of their label."""
        return list(self.instruments)

    @property
    def installed(self) -> bool:
        """Always: what is not cached is made again."""
        return True
