"""What the course knows of a data set before any sound is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course_lib.data.errors import DatasetError, DatasetMissing
from course_lib.data.hashes import content_hash


@dataclass(frozen=True)
class Dataset:
    """One entry of the catalog.

    Attributes
    ----------
    name, title, description : str
        ``name`` is what commands and presets take.
    licence, licence_url, url, citation : str
        Terms, their text, the data's home, and how to cite it.
    seconds : float
        Total length of the recordings.
    bundled : bool
        Comes with the project; others are imported or fetched.
    folder : callable
        Where the recordings are, whether or not they are there yet.
    hashes : callable
        {file name: SHA-256} of every recording.
    card : Path
        Its data card.
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
    seconds: float
    bundled: bool
    folder: Callable[[], Path]
    hashes: Callable[[], dict[str, str]]
    card: Path
    remedy: str

    @property
    def clips(self) -> int:
        """Number of recordings."""
        return len(self.hashes())

    @property
    def speaker_names(self) -> list[str]:
        """Who speaks, sorted."""
        return sorted({parse_name(name)[1] for name in self.hashes()})

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

    def summary(self) -> dict[str, Any]:
        """What ``course data info`` prints; JSON-ready."""
        return {
            "name": self.name,
            "title": self.title,
            "description": self.description,
            "clips": self.clips,
            "speakers": self.speakers,
            "speaker_names": self.speaker_names,
            "hours": round(self.seconds / 3600, 3),
            "licence": self.licence,
            "licence_url": self.licence_url,
            "citation": self.citation,
            "url": self.url,
            "bundled": self.bundled,
            "installed": self.installed,
            "where": str(self.folder()),
            "card": str(self.card),
            "remedy": "" if self.installed else self.remedy,
            "sha256": content_hash(self.hashes()),
        }


def parse_name(name: str) -> tuple[int, str, int]:
    """Split ``7_jackson_32.wav`` into (digit, speaker, take); raises DatasetError for another form."""
    digit, _, rest = name.rpartition(".")[0].partition("_")
    speaker, _, take = rest.rpartition("_")
    if not (len(digit) == 1 and digit.isdecimal() and speaker and take.isdecimal()):
        raise DatasetError(f"expected a name like 7_jackson_32.wav; received {name}")
    return int(digit), speaker, int(take)
