"""The task of a model that is told what it hears: give back what was given, under its condition."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from course_lib.training.tasks.exhibit import Exhibit
from course_lib.training.tasks.task import Task
from course_lib.training.training_data import TrainingData

Augment = Callable[[np.ndarray, np.random.Generator], np.ndarray]
# The number of a value that training has not met, such as a speaker who is held out: a row of zeros.
UNKNOWN = -1


class Conditioned(Task):
    """(features (batch, frames, bands), conditions (batch, sum of sizes)) in, the features wanted.

    ``config.json`` learns the fields as ``conditions``, which is what the verbs and the command line read.

    Parameters
    ----------
    data : TrainingData
    fields : mapping of str to sequence
        Each field's values in their order: ``{"digit": [...], "speaker": [...]}``.
    train, held_out : np.ndarray, shape (clips, fields), integers
        The number of each clip's value in each field; :data:`UNKNOWN` for one that is not among them.
    exhibit : Exhibit
        What the rungs play.
    augment : callable, optional
        ``(features, rng) -> features``; its result is both input and target.
    """

    def __init__(
        self,
        data: TrainingData,
        fields: Mapping[str, Sequence[str]],
        train: np.ndarray,
        held_out: np.ndarray,
        *,
        exhibit: Exhibit,
        augment: Augment | None = None,
    ):
        self.data = data
        self.sizes = tuple(len(values) for values in fields.values())
        self.train = rows(train, self.sizes)
        self.conditions_held_out = rows(held_out, self.sizes)
        self.augment = augment
        self.shown = exhibit
        self.representation = data.representation
        self.shape = data.representation.shape
        self.size = len(data.train)
        # A start that looks at the clips looks at what they are, too.
        self.initial = (data.train, np.asarray(train))
        self.facts = data.facts | {"conditions": {name: list(values) for name, values in fields.items()}}

    def batch(self, rows, rng):
        features = self.data.train[rows]
        if self.augment is not None:
            features = np.ascontiguousarray(self.augment(features, rng), dtype=np.float32)
        # A tuple: batches become tensors by their structure, and a list is not one to TensorFlow.
        return (features, self.train[rows]), features

    def held_out(self):
        return (self.data.held_out, self.conditions_held_out), self.data.held_out

    def exhibit(self):
        return self.shown


def rows(numbers: np.ndarray, sizes: Sequence[int]) -> np.ndarray:
    """Numbers of values, shape (clips, fields) -> ones and zeros, (clips, sum of sizes), float32.

    A field whose number is :data:`UNKNOWN` is zero.
    """
    from course_lib.models.condition import one_hot

    numbers = np.asarray(numbers)
    made = one_hot(np.maximum(numbers, 0), sizes)
    return made * np.repeat(numbers != UNKNOWN, sizes, axis=1)


def number_of(values: Sequence[str], known: Sequence[str]) -> np.ndarray:
    """The place of each of ``values`` in ``known``, or :data:`UNKNOWN`, shape (len(values),)."""
    place = {name: number for number, name in enumerate(known)}
    return np.array([place.get(str(value), UNKNOWN) for value in values], np.int64)
