"""A few notes as other instruments would play them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from course_lib.audio.log_mel_spectrogram import LogMelSpectrogram
from course_lib.audio.representation import Representation
from course_lib.training.tasks.exhibit import Exhibit, Fixed, Made, presentable


class Converted(Exhibit):
    """Notes, what was asked for by those who can play it, and what the model makes of them.

    An error is the mean distance from the real note's features: another performance, so it stays above 0.

    Parameters
    ----------
    given, wanted : np.ndarray, shape (clips, samples), float32
        The notes that are converted, and real ones of what they are asked to become.
    here, there : np.ndarray, shape (clips, numbers)
        Conditions of both.
    representation : Representation
        Fitted.
    clips : list of dict
        ``name``, ``word``, ``label`` and ``speaker`` of each.
    """

    def __init__(
        self,
        given: np.ndarray,
        wanted: np.ndarray,
        here: np.ndarray,
        there: np.ndarray,
        representation: Representation,
        clips: Sequence[dict[str, Any]],
    ):
        self.representation = representation
        self.here, self.there = here, there
        self.features, self.wanted = representation.encode(given), representation.encode(wanted)
        self.sr = representation.sr
        self.clips = list(clips)
        # The pictures are for people: mel bands, whatever spectrum the model works on.
        self._picture = LogMelSpectrogram(sr=self.sr, n_samples=representation.n_samples)
        real = representation.decode(self.wanted)
        self.fixed = {
            "input": Fixed(given, self._decibels(given)),
            "ceiling": Fixed(real, self._decibels(real)),
        }
        self.titles = {"input": "Note", "ceiling": "Asked for", "output": "Converted"}

    def make(self, model) -> Made:
        features = presentable(model.convert(self.features, self.here, self.there))
        sounds = self.representation.decode(features)
        errors = np.abs(features - self.wanted).mean(axis=(1, 2))
        return Made(sounds, self._decibels(sounds), errors.tolist())

    def _decibels(self, y: np.ndarray) -> np.ndarray:
        magnitude = self._picture.magnitude(self._picture.encode(y))
        return (20 * np.log10(magnitude)).astype(np.float16)
