"""The learning rate, the ladder, and batches that depend on nothing but their numbers."""

from __future__ import annotations

import numpy as np
import pytest

from course_lib.training.schedule import FINAL, WARM_UP, is_rung, learning_rate, progress
from course_lib.training.tasks.task import Task


def test_learning_rate_warms_up_and_decays():
    assert learning_rate(0.0, 1e-3) == pytest.approx(FINAL * 1e-3)
    assert learning_rate(WARM_UP, 1e-3) == pytest.approx(1e-3)
    assert learning_rate((1 + WARM_UP) / 2, 1e-3) == pytest.approx(1e-3 * (1 + FINAL) / 2)
    assert learning_rate(1.0, 1e-3) == pytest.approx(FINAL * 1e-3)


def test_progress_is_the_further_of_steps_and_time():
    assert progress(25, 100) == 0.25
    assert progress(25, 100, elapsed_s=30, max_seconds=60) == 0.5
    assert progress(75, 100, elapsed_s=30, max_seconds=60) == 0.75
    assert progress(5, 100, elapsed_s=90, max_seconds=60) == 1.0


def test_rungs():
    assert [step for step in range(3001) if is_rung(step)] == [0, 1, 3, 10, 30, 100, 300, 1000, 3000]


class Varied(Task):
    """Features in and out, varied by ``augment``."""

    def __init__(self, features, augment=None):
        self.features, self.augment, self.size = features, augment, len(features)

    def batch(self, rows, rng):
        features = self.features[rows]
        if self.augment is not None:
            features = self.augment(features, rng)
        return features, features


def test_batches_hold_every_clip_once_in_an_order_of_seed_and_epoch():
    from course_lib.training.batches import EpochBatches

    features = np.arange(20, dtype=np.float32)[:, None, None] * np.ones((1, 2, 3), np.float32)

    def order(seed: int, epoch: int, start: int = 0, augment=None) -> list[float]:
        batches = EpochBatches(Varied(features, augment), batch_size=8, seed=seed, start=start)
        batches.epoch = epoch
        return [row for i in range(batches.num_batches) for row in batches[i][0][:, 0, 0].tolist()]

    first = order(0, 0)
    assert sorted(first) == list(range(20))
    assert order(0, 0) == first
    assert order(0, 1) != first
    assert order(1, 0) != first
    assert order(0, 1, start=1) == order(0, 1)[8:], "a resumed epoch goes on where it was left"

    def shift(batch, rng):
        return batch + rng.standard_normal()

    assert order(0, 1, start=1, augment=shift) == order(0, 1, augment=shift)[8:]


def test_input_and_target_are_the_same_variation():
    from course_lib.training.tasks.reconstruction import Reconstruction
    from course_lib.training.training_data import load_training_data

    data = load_training_data({"dataset": {"name": "digits"}, "limit_clips": 16})
    rows = np.array([3, 0, 7])
    plain, _ = Reconstruction(data).batch(rows, np.random.default_rng(0))
    np.testing.assert_array_equal(plain, data.train[rows])
    varying = Reconstruction(data, lambda batch, rng: batch + rng.random())
    given, wanted = varying.batch(rows, np.random.default_rng(0))
    assert given.dtype == np.float32
    np.testing.assert_array_equal(given, wanted)
    assert (given > plain).all()
    np.testing.assert_array_equal(varying.batch(rows, np.random.default_rng(0))[0], given)
