"""Batches for the backends that have no tf.data. Imports Keras: only where a model is trained."""

from __future__ import annotations

from typing import Any

import keras

from course_lib.data.batches import Batches


class PyBatches(keras.utils.PyDataset):
    """Batches ``first`` to ``last - 1``, counted through all epochs, as Keras reads them.

    Parameters
    ----------
    batches : Batches
    first, last : int
        Batch 7 of the third epoch of ten batches has the number 27.
    threads : int
        Batches in preparation at a time.
    """

    def __init__(self, batches: Batches, first: int, last: int, *, threads: int = 2):
        super().__init__(workers=threads, use_multiprocessing=False, max_queue_size=2 * threads)
        self.batches = batches
        self.first = first
        self.last = last

    @property
    def num_batches(self) -> int:
        """Batches of all epochs together."""
        return self.last - self.first

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        return self.batches.read(*divmod(self.first + index, self.batches.per_epoch))
