"""A data set that others publish, in a layout of its own, too large or not free enough to be bundled."""

from __future__ import annotations

from dataclasses import dataclass, field

from course_lib.data.archive import Limits
from course_lib.data.dataset import Dataset
from course_lib.data.errors import DatasetError
from course_lib.data.hashes import content_hash
from course_lib.data.index import NAME, Recording, read_index
from course_lib.data.layout import Layout


@dataclass(frozen=True, kw_only=True)
class PublishedDataset(Dataset):
    """An entry of the catalog whose recordings are listed when it is imported.

    Attributes
    ----------
    layout : Layout
        How the release is arranged.
    published_clips, published_speakers : int
        What its publishers state; 0 for what they do not.
    style : str
        How a recording becomes a clip: a key of :data:`course_lib.data.preparation.STYLES`.
    limits : Limits
        What an archive of it may hold.
    speaker_word : str
        What stands where other sets have speakers.
    """

    layout: Layout
    published_clips: int
    published_speakers: int
    style: str = "word"
    limits: Limits = field(default_factory=Limits)
    speaker_word: str = "speaker"

    @property
    def recordings(self) -> tuple[Recording, ...]:
        """What is on this machine, sorted by file; empty when nothing is."""
        return read_index(self.folder())

    @property
    def installed(self) -> bool:
        """Whether its list is there: it is written last."""
        return (self.folder() / NAME).is_file()

    @property
    def listed(self) -> tuple[Recording, ...]:
        """As :attr:`recordings`, but nothing when the list is damaged: a catalog is shown all the same."""
        try:
            return self.recordings
        except DatasetError:
            return ()

    @property
    def problem(self) -> str:
        """What is wrong with its list."""
        try:
            return "" if self.recordings or not self.installed else "it is empty"
        except DatasetError as error:
            return str(error)

    @property
    def digest(self) -> str:
        """One hash for all recordings here; empty when there are none."""
        return content_hash({r.file: r.sha256 for r in self.listed}) if self.listed else ""

    @property
    def clips(self) -> int:
        """Number of recordings here, or as published."""
        return len(self.listed) or self.published_clips

    @property
    def duration(self) -> float:
        """Total length of the recordings here in seconds, or as published."""
        return sum(r.samples / r.sr for r in self.listed if r.sr) or self.seconds

    @property
    def speaker_names(self) -> list[str]:
        """Who speaks, sorted; empty as long as the data is not here."""
        return sorted({recording.speaker for recording in self.listed})

    @property
    def speakers(self) -> int:
        """Number of speakers here, or as published."""
        return len(self.speaker_names) or self.published_speakers
