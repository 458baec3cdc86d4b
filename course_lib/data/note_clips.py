"""Clips that are notes: what was played is known exactly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from course_lib.data.clips import Clips


@dataclass(frozen=True, eq=False)
class NoteClips(Clips):
    """Clips with what a score would say of each.

    ``label`` is the instrument's index, ``speaker`` its name and ``take`` the number of the variation, so
    that whatever works on spoken clips works on notes: a held-out speaker is a held-out instrument.

    Attributes
    ----------
    pitch : np.ndarray, shape (clips,), int64
        MIDI note number; for drums General MIDI's number of the drum, which is no pitch.
    velocity : np.ndarray, shape (clips,), int64
        1 to 127.
    cents : np.ndarray, shape (clips,), float32
        Detune in hundredths of a semitone.
    held_out : np.ndarray, shape (clips,), bool
        Belongs to the test split.
    """

    pitch: np.ndarray
    velocity: np.ndarray
    cents: np.ndarray
    held_out: np.ndarray
