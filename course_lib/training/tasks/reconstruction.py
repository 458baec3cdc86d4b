"""The task of every autoencoder: give back what was given."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from course_lib.training.tasks.round_trip import RoundTrip
from course_lib.training.tasks.task import Task
from course_lib.training.training_data import TrainingData

Augment = Callable[[np.ndarray, np.random.Generator], np.ndarray]


class Reconstruction(Task):
    """Features in, the same features wanted.

    Parameters
    ----------
    data : TrainingData
    augment : callable, optional
        ``(features (batch, frames, bands), rng) -> features``; its result is both input and target.
    """

    def __init__(self, data: TrainingData, augment: Augment | None = None):
        self.data = data
        self.augment = augment
        self.representation = data.representation
        self.shape = data.representation.shape
        self.size = len(data.train)
        self.initial = data.train
        self.facts = data.facts

    def batch(self, rows, rng):
        features = self.data.train[rows]
        if self.augment is not None:
            features = np.ascontiguousarray(self.augment(features, rng), dtype=np.float32)
        return features, features

    def held_out(self):
        return self.data.held_out, self.data.held_out

    def exhibit(self):
        return RoundTrip(self.data.previews, self.representation, self.data.classes)
