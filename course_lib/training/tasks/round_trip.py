"""Original, ceiling and reconstruction of a few held-out clips."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from course_lib.audio.representation import Representation
from course_lib.data.clips import Clips
from course_lib.training.tasks.exhibit import Exhibit, Fixed, Made, presentable


class RoundTrip(Exhibit):
    """What an autoencoder makes of clips, beside the representation's own round trip.

    Parameters
    ----------
    clips : Clips
        What every rung plays.
    representation : Representation
        Fitted.
    classes : sequence of str
        Names of the labels; they are what a page calls the clips.
    """

    def __init__(self, clips: Clips, representation: Representation, classes: Sequence[str] = ()):
        self.representation = representation
        self.features = representation.encode(clips.y)
        self.sr = clips.sr
        self.clips = [
            {
                "name": name,
                "word": classes[label] if label < len(classes) else name,
                "label": int(label),
                "speaker": str(speaker),
            }
            for name, label, speaker in zip(clips.name, clips.label, clips.speaker, strict=True)
        ]
        # Neither depends on the model: made once.
        self.fixed = {
            "input": Fixed(clips.y, self._decibels(self.features)),
            "ceiling": Fixed(representation.decode(self.features)),
        }
        self.titles = {"input": "Original", "ceiling": "Ceiling", "output": "Reconstruction"}

    def make(self, model) -> Made:
        features = presentable(model.reconstruct(self.features))
        errors = np.abs(features - self.features).mean(axis=(1, 2))
        return Made(self.representation.decode(features), self._decibels(features), errors.tolist())

    def _decibels(self, features: np.ndarray) -> np.ndarray:
        return (20 * np.log10(self.representation.magnitude(features))).astype(np.float16)
