"""The task of a generator: make clips like these, of the class that is asked for."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from course_lib.training.tasks.samples import Samples, heard
from course_lib.training.tasks.task import Task
from course_lib.training.training_data import TrainingData

Augment = Callable[[np.ndarray, np.random.Generator], np.ndarray]


class Generation(Task):
    """Clips and their classes in; what a likelihood or a game wants of them is the model's business.

    Inputs are [features (batch, frames, bands), condition (batch,)], the condition the class number, or
    zeros for a model without one; targets are the features.

    Parameters
    ----------
    data : TrainingData
        With its labels.
    conditional : bool
    augment : callable, optional
        ``(features, rng) -> features``.
    whole_batches : bool
    """

    def __init__(
        self,
        data: TrainingData,
        *,
        conditional: bool,
        augment: Augment | None = None,
        whole_batches: bool = False,
    ):
        self.data = data
        self.conditional = conditional
        self.augment = augment
        self.whole_batches = whole_batches
        self.representation = data.representation
        self.shape = data.representation.shape
        self.size = len(data.train)
        self.initial = data.train
        self.facts = data.facts

    @property
    def classes(self) -> int:
        """Classes that can be asked for."""
        return len(self.data.classes)

    def batch(self, rows, rng):
        features = self.data.train[rows]
        if self.augment is not None:
            features = np.ascontiguousarray(self.augment(features, rng), dtype=np.float32)
        return [features, self._condition(self.data.train_labels[rows])], features

    def held_out(self):
        features = self.data.held_out
        return [features, self._condition(self.data.held_out_labels)], features

    def exhibit(self):
        labels, names = heard(self.data.classes)
        if not self.conditional:
            names = [f"sample {number}" for number in range(1, len(labels) + 1)]
        return Samples(self.representation, labels, names, conditional=self.conditional)

    def _condition(self, labels: np.ndarray) -> np.ndarray:
        return labels.astype(np.int32) if self.conditional else np.zeros(len(labels), np.int32)
