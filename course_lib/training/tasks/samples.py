"""What a model makes from nothing: the same noise and the same classes at every rung."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from course_lib.audio.representation import Representation
from course_lib.training.tasks.exhibit import Exhibit, Made, presentable

# The noise of all exhibits: a rung is then heard against the others, not against chance.
SEED = 20
# Heard first: their vowels and consonants differ most.
HEARD = (7, 3, 0)


def heard(classes: Sequence[str]) -> tuple[list[int], list[str]]:
    """Numbers and names of the three classes that an exhibit asks for."""
    labels = [label for label in HEARD if label < len(classes)] or list(range(min(3, len(classes))))
    return labels, [classes[label] for label in labels]


class Samples(Exhibit):
    """Samples of a generator, one of each class where it can be asked for.

    Parameters
    ----------
    representation : Representation
        Fitted; turns the features that are made into sound.
    labels : sequence of int
        The class asked for in each sample; ignored by a model that takes no condition.
    names : sequence of str
        What each is called on the screen.
    conditional : bool
    rows : np.ndarray, shape (samples, numbers), optional
        What the model reads instead of ``labels``.
    """

    def __init__(
        self,
        representation: Representation,
        labels: Sequence[int],
        names: Sequence[str],
        *,
        conditional: bool,
        rows: np.ndarray | None = None,
    ):
        self.representation = representation
        self.labels = np.asarray(labels, np.int32)
        self.conditional = conditional
        self.rows = rows
        self.sr = representation.sr
        self.clips = [
            {"name": name, "word": name, "label": int(label) if conditional else -1, "speaker": ""}
            for name, label in zip(names, labels, strict=True)
        ]
        self.fixed = {}
        self.titles = {"output": "Made from noise"}

    def make(self, model) -> Made:
        condition = (self.labels if self.rows is None else self.rows) if self.conditional else None
        features = presentable(model.sample(len(self.labels), condition=condition, seed=SEED))
        magnitude = self.representation.magnitude(features)
        return Made(self.representation.decode(features), (20 * np.log10(magnitude)).astype(np.float16), None)
