"""Batches whose order and variation depend on the seed, the epoch and the batch only."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from course_lib.training.tasks.task import Task


def batches_of(task: Task, batch_size: int) -> int:
    """Batches of a whole epoch; a last one that is not full counts unless the task wants only full ones.

    Raises
    ------
    ValueError
        The task wants full batches and has not enough examples for one.
    """
    if not task.whole_batches:
        return -(-task.size // batch_size)
    if task.size < batch_size:
        raise ValueError(
            f"batch_size must be at most {task.size}, the examples there are; received {batch_size}"
        )
    return task.size // batch_size


class EpochBatches(keras.utils.PyDataset):
    """Shuffled batches of one epoch of a task at a time; set ``epoch`` before it is read.

    Parameters
    ----------
    task : Task
    batch_size, seed : int
    start : int
        Batches of every epoch to leave out at its beginning: for the one in which a run is resumed.
    """

    def __init__(self, task: Task, *, batch_size: int, seed: int, start: int = 0):
        super().__init__(workers=1, use_multiprocessing=False, max_queue_size=4)
        self.task = task
        self.batch_size = batch_size
        self.seed = seed
        self.start = start
        self.epoch = 0
        self._order: tuple[int, np.ndarray] | None = None

    @property
    def batches(self) -> int:
        """Batches of a whole epoch."""
        return batches_of(self.task, self.batch_size)

    @property
    def num_batches(self) -> int:
        """Batches that are given."""
        return self.batches - self.start

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        # Keras may still be prefetching the old epoch while the new one is set: read it once.
        epoch, batch = self.epoch, index + self.start
        order = self._order
        if order is None or order[0] != epoch:
            rng = np.random.default_rng((self.seed, epoch))
            order = self._order = (epoch, rng.permutation(self.task.size))
        rows = order[1][batch * self.batch_size : (batch + 1) * self.batch_size]
        return self.task.batch(rows, np.random.default_rng((self.seed, epoch, batch)))
