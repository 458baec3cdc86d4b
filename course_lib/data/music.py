"""Music made of single notes: a few bars of a melody, with chords and drums, other ones every time."""

from __future__ import annotations

import numpy as np

from course_lib.data.note_clips import NoteClips
from course_lib.data.notes import INSTRUMENTS, LABELS

# Semitones above the root of a major scale.
SCALE = (0, 2, 4, 5, 7, 9, 11)
STEP_SECONDS = (0.12, 0.35)
# The music has begun already, as a rule: its first step lies up to this long before the clip.
EARLIEST_SECONDS = 0.5
# Shares of the steps with a note, of the notes with a chord, of the pieces and of their steps with a drum.
NOTES, CHORDS, DRUMMED, BEATS = 0.8, 0.3, 0.5, 0.6
VOICES = 2


class Music:
    """Plays the notes of ``clips``.

    Parameters
    ----------
    clips : NoteClips
        Of the data set ``notes``: instruments and perhaps drums.

    Raises
    ------
    ValueError
        No notes of an instrument.
    """

    def __init__(self, clips: NoteClips):
        self.sr = clips.sr
        # From the first sample that sounds to the last.
        self._sounds = [
            y[np.argmax(y != 0) : length] for y, length in zip(clips.y, clips.length, strict=True)
        ]
        self._pitch = clips.pitch
        self._of = {label: np.flatnonzero(clips.label == label) for label in range(len(LABELS))}
        self._instruments = [label for label in range(len(INSTRUMENTS)) if len(self._of[label])]
        drums = [self._of[label] for label in range(len(INSTRUMENTS), len(LABELS))]
        self._drums = np.concatenate(drums)
        if not self._instruments:
            raise ValueError("music takes notes of an instrument; received none")

    def play(self, n_samples: int, *, rng: np.random.Generator) -> np.ndarray:
        """``n_samples`` of a piece by one or two instruments in one key, shape (n_samples,), float32."""
        piece = np.zeros(n_samples, np.float32)
        scale = (np.array(SCALE) + rng.integers(12)) % 12
        voices = rng.choice(self._instruments, size=int(rng.integers(1, VOICES + 1)))
        own = [self._in_key(int(voice), scale) for voice in voices]
        step = round(rng.uniform(*STEP_SECONDS) * self.sr)
        drummed = len(self._drums) and rng.random() < DRUMMED
        begin = -int(rng.integers(round(EARLIEST_SECONDS * self.sr)))
        # Something sounds in every piece, however the dice fall.
        self._add(piece, _one(own[0], rng), begin)
        for place in range(begin, n_samples, step):
            for notes in own:
                if rng.random() < NOTES / len(own):
                    for _ in range(3 if rng.random() < CHORDS else 1):
                        self._add(piece, _one(notes, rng), place)
            if drummed and rng.random() < BEATS:
                self._add(piece, _one(self._drums, rng), place)
        return piece

    def _in_key(self, label: int, scale: np.ndarray) -> np.ndarray:
        notes = self._of[label]
        fits = notes[np.isin(self._pitch[notes] % 12, scale)]
        return fits if len(fits) else notes

    def _add(self, piece: np.ndarray, note: int, place: int) -> None:
        sound = self._sounds[note][max(0, -place) :]
        begin = max(0, place)
        piece[begin : begin + len(sound)] += sound[: len(piece) - begin]


def _one(notes: np.ndarray, rng: np.random.Generator) -> int:
    return int(notes[rng.integers(len(notes))])
