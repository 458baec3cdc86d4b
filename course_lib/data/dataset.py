"""What the course knows of a data set before any sound is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course_lib.data.errors import DatasetError, DatasetMissing
from course_lib.data.hashes import content_hash
from course_lib.data.release import Release

DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


@dataclass(frozen=True, kw_only=True)
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
    labels : tuple of str
        What each label of a clip means, in order.
    forbids : str
        What the licence does not allow, to be said before the data is fetched; empty when it allows all uses.
    release : Release, optional
        What :mod:`course_lib.data.fetch` downloads.
    disk_bytes : int
        What it takes in the cache, in bytes, as nearly as its publishers say; nothing when it is bundled.
    hashes_from : str
        Where the hashes come from that recordings are compared with.
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
    labels: tuple[str, ...] = DIGITS
    forbids: str = ""
    release: Release | None = None
    disk_bytes: int = 0
    hashes_from: str = "committed with the course"

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
    def duration(self) -> float:
        """Total length of the recordings in seconds."""
        return self.seconds

    @property
    def memory_bytes(self) -> int:
        """What its clips of the default length take in memory, in bytes: 8,192 samples of 4 bytes each."""
        return self.clips * 8192 * 4

    @property
    def installed(self) -> bool:
        """Whether its folder is there; :func:`course_lib.data.verify.verify` looks into the files."""
        return self.folder().is_dir()

    @property
    def digest(self) -> str:
        """One hash for all recordings."""
        return content_hash(self.hashes())

    @property
    def problem(self) -> str:
        """What is wrong with what is here, as far as a glance shows (``course data verify`` reads it all)."""
        return ""

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
            "hours": round(self.duration / 3600, 3),
            "licence": self.licence,
            "licence_url": self.licence_url,
            "forbids": self.forbids,
            "labels": list(self.labels),
            "download_bytes": self.release.size if self.release else 0,
            "disk_bytes": self.disk_bytes,
            "memory_bytes": self.memory_bytes,
            "hashes_from": self.hashes_from,
            "citation": self.citation,
            "url": self.url,
            "bundled": self.bundled,
            "installed": self.installed,
            "where": str(self.folder()),
            "card": str(self.card),
            "remedy": "" if self.installed else self.remedy,
            "sha256": self.digest,
            "problem": self.problem,
        }


def parse_name(name: str) -> tuple[int, str, int]:
    """Split ``7_jackson_32.wav`` into (digit, speaker, take); raises DatasetError for another form."""
    digit, _, rest = name.rpartition(".")[0].partition("_")
    speaker, _, take = rest.rpartition("_")
    if not (len(digit) == 1 and digit.isdecimal() and speaker and take.isdecimal()):
        raise DatasetError(f"expected a name like 7_jackson_32.wav; received {name}")
    return int(digit), speaker, int(take)


def parse_order(name: str) -> tuple[str, int, int]:
    """Sort key of a recording: speaker, digit, take as a number; names of another form sort as they are."""
    try:
        digit, speaker, take = parse_name(name)
    except DatasetError:
        return name, 0, 0
    return speaker, digit, take
