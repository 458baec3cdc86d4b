"""Sounds of any kind through a model that knows clips of its own features."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from course_lib.audio.representation import Representation
from course_lib.training.passage import MAX_SECONDS, analyse, synthesise
from course_lib.training.windows import PAUSE_SECONDS

if TYPE_CHECKING:
    import keras


class Reconstructor:
    """A model and its representation, ready for many sounds.

    Parameters
    ----------
    model : keras.Model
        Has ``reconstruct``: features, shape (clips, frames, bands) -> the same.
    representation : Representation
        The one the model was trained in.
    pause_seconds : float
        The shortest silence between two words or notes.
    """

    max_seconds = MAX_SECONDS

    def __init__(
        self,
        model: keras.Model | Any,
        representation: Representation,
        *,
        pause_seconds: float = PAUSE_SECONDS,
    ):
        self.model = model
        self.representation = representation
        self.pause_seconds = pause_seconds

    @property
    def sr(self) -> int:
        """Sampling rate in Hz, of what goes in and of what comes out."""
        return self.representation.sr

    def __call__(self, y: np.ndarray, **condition: Any) -> np.ndarray:
        """What the model makes of ``y``, shape (samples,), at the representation's rate -> the same shape.

        Each word, or each second of unbroken speech, goes through the model at the level of its training;
        neighbours are cross-faded as features, the phase is found for the whole, and the levels are
        restored. Pauses come out silent.

        Parameters
        ----------
        condition
            Handed on to the model, which wants one number for each clip: ``condition=7``.

        Raises
        ------
        AudioError
            Not mono, empty, not finite, or longer than 60 s.
        """
        passage = analyse(y, self.representation, pause_seconds=self.pause_seconds)
        each = {name: np.full(len(passage.features), value) for name, value in condition.items()}
        if len(passage.features):
            passage = replace(passage, features=self.model.reconstruct(passage.features, **each))
        return synthesise(passage, self.representation)
