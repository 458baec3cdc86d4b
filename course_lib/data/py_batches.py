"""Batches for the backends that have no tf.data. Imports Keras: only where a model is trained."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import keras

from course_lib.data.batches import Batches


class PyBatches(keras.utils.PyDataset):
    """Batches ``first`` to ``last - 1``, counted through all epochs, as Keras reads them.

    Parameters
    ----------
    batches : Batches
    first : int
        Batch 7 of the third epoch of ten batches has the number 27.
    last : int, optional
        None for no end.
    threads : int
        Batches in preparation at a time, ahead of the one that is asked for.
    """

    def __init__(self, batches: Batches, first: int, last: int | None, *, threads: int = 2):
        # Not Keras's workers: they begin again with the first batch in every epoch of a fit.
        super().__init__(workers=1, use_multiprocessing=False)
        self.batches = batches
        self.first = first
        self.last = last
        self.threads = threads
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="batches")
        self._ahead: dict[int, Future] = {}

    @property
    def num_batches(self) -> int | None:
        """Batches of all epochs together; None without an end."""
        return None if self.last is None else self.last - self.first

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        end = index + self.threads + 1
        if self.last is not None:
            end = min(end, self.last - self.first)
        # A dictionary by number, because Keras may look at the first batch more than once.
        wanted = range(index, max(end, index + 1))
        self._ahead = {
            number: self._ahead.get(number) or self._pool.submit(self._read, number) for number in wanted
        }
        return self._ahead.pop(index).result()

    def _read(self, number: int) -> tuple[Any, Any]:
        return self.batches.read(*divmod(self.first + number, self.batches.per_epoch))
