"""What the course knows of a data set before any sound is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from course_lib.data.errors import DatasetError, DatasetMissing


@dataclass(frozen=True)
class Dataset:
    """One entry of the catalog.

    Attributes
    ----------
    name, title, description : str
        ``name`` is what commands and presets take.
    licence, licence_url, url, citation : str
        Terms, their text, the data's home, and how to cite it.
    clips, speakers : int
        How many; ``speaker_names`` lists them.
    speaker_names : tuple of str
    seconds : float
        Total length of the recordings.
    bundled : bool
        Comes with the project; others are imported or fetched.
    folder : callable
        Where the recordings are, whether or not they are there yet.
    hashes : callable
        {file name: SHA-256} of every recording.
    remedy : str
        What to do when it is missing.
    """

    name: str
    title: str
    description: str
    licence: str
    licence_url: str
    url: str
    citation: str
    clips: int
    speaker_names: tuple[str, ...]
    seconds: float
    bundled: bool
    folder: Callable[[], Path]
    hashes: Callable[[], dict[str, str]]
    remedy: str

    @property
    def speakers(self) -> int:
        """Number of speakers."""
        return len(self.speaker_names)

    @property
    def installed(self) -> bool:
        """Whether its folder is there; :func:`course_lib.data.verify.verify` looks into the files."""
        return self.folder().is_dir()

    def require(self) -> Path:
        """The folder of recordings; raises DatasetMissing, with the remedy, when it is not there."""
        if not self.installed:
            raise DatasetMissing(f"the data set {self.name!r} is not on this machine: {self.remedy}")
        return self.folder()


def parse_name(name: str) -> tuple[int, str, int]:
    """Split ``7_jackson_32.wav`` into (digit, speaker, take); raises DatasetError for another form."""
    digit, _, rest = name.rpartition(".")[0].partition("_")
    speaker, _, take = rest.rpartition("_")
    if not (len(digit) == 1 and digit.isdecimal() and speaker and take.isdecimal()):
        raise DatasetError(f"expected a name like 7_jackson_32.wav; received {name}")
    return int(digit), speaker, int(take)
