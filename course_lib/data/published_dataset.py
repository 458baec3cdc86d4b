"""A data set that others publish, in a layout of its own, too large or not free enough to be bundled."""

from __future__ import annotations

from dataclasses import dataclass, field

from course_lib.data.archive import Limits
from course_lib.data.dataset import Dataset
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
    def clips(self) -> int:
        """Number of recordings here, or as published."""
        return len(self.recordings) or self.published_clips

    @property
    def duration(self) -> float:
        """Total length of the recordings here in seconds, or as published."""
        return sum(r.samples / r.sr for r in self.recordings if r.sr) or self.seconds

    @property
    def speaker_names(self) -> list[str]:
        """Who speaks, sorted; empty as long as the data is not here."""
        return sorted({recording.speaker for recording in self.recordings})

    @property
    def speakers(self) -> int:
        """Number of speakers here, or as published."""
        return len(self.speaker_names) or self.published_speakers
