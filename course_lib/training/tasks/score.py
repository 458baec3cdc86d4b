"""What a score says of notes, as numbers that a model can be told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from course_lib.data.note_clips import NoteClips
from course_lib.data.notes import DRUMS, pitch_name
from course_lib.models.condition import one_hot


def pitched(clips: NoteClips, classes: Sequence[str]) -> NoteClips:
    """Without the drums, whose pitch is none; ``classes`` are the names of the labels."""
    drums = [label for label, name in enumerate(classes) if name in DRUMS]
    return clips.select(~np.isin(clips.label, drums))


@dataclass(frozen=True)
class Score:
    """The instruments and pitches that a model of notes knows.

    Attributes
    ----------
    instruments : tuple of str
    pitches : tuple of int
        MIDI note numbers, rising.
    """

    instruments: tuple[str, ...]
    pitches: tuple[int, ...]

    @classmethod
    def of(cls, clips: NoteClips, classes: Sequence[str]) -> Score:
        """All that is played in ``clips``, drums aside."""
        notes = pitched(clips, classes)
        labels, pitches = sorted(set(notes.label.tolist())), sorted(set(notes.pitch.tolist()))
        return cls(tuple(classes[label] for label in labels), tuple(pitches))

    @property
    def conditions(self) -> dict[str, list[Any]]:
        """What ``config.json`` calls ``conditions``: each field's values in their order."""
        return {"instrument": list(self.instruments), "pitch": list(self.pitches)}

    @property
    def sizes(self) -> tuple[int, int]:
        """How many values each field has."""
        return len(self.instruments), len(self.pitches)

    def numbers(self, clips: NoteClips, classes: Sequence[str]) -> np.ndarray:
        """Numbers of each note's instrument and pitch, shape (clips, 2)."""
        instrument = [self.instruments.index(classes[label]) for label in clips.label.tolist()]
        pitch = [self.pitches.index(midi) for midi in clips.pitch.tolist()]
        return np.array([instrument, pitch], np.int64).T.reshape(-1, 2)

    def rows(self, numbers: np.ndarray) -> np.ndarray:
        """What a model reads, shape (clips, instruments + pitches), float32."""
        return one_hot(numbers, self.sizes)

    def name(self, numbers: Sequence[int]) -> str:
        """``bell C4``."""
        return f"{self.instruments[numbers[0]]} {pitch_name(self.pitches[numbers[1]])}"
