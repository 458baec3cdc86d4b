"""Batches that follow from the seed, the epoch and their number alone, for every backend."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from course_lib.data.features import read_rows

Augment = Callable[[np.ndarray, np.random.Generator], np.ndarray]
Encode = Callable[[np.ndarray], np.ndarray]
Pair = Callable[[np.ndarray, np.ndarray], tuple[Any, Any]]


def _autoencoding(x: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return x, x


class Batches:
    """Shuffled batches of any epoch: ``batches.read(epoch, index)``.

    The same numbers give the same batch, in any order, process and thread, so a training that goes on
    elsewhere is the one that was interrupted.

    Parameters
    ----------
    data : np.ndarray, shape (clips, ...)
        Features (a mapped file too), or the samples of clips together with ``encode``.
    only : np.ndarray, shape (clips of an epoch,), int, optional
        Rows of ``data`` to use, such as those of the training split; all by default. A mapped file is
        split so without a copy of it.
    batch_size : int
        Clips of a batch; the last one of an epoch may be smaller.
    seed : int
    augment : callable, optional
        ``(data of one batch, rng) -> the same, varied``, fresh in each epoch.
    encode : callable, optional
        What makes features of samples after that, such as ``representation.encode``.
    pair : callable, optional
        ``(x, rows) -> (inputs, targets)``, with ``rows``, shape (batch,), the clips' numbers in ``data``.
        Without it both are ``x``, as an autoencoder wants.
    shuffle : bool

    Raises
    ------
    ValueError
        No data, rows that it has not, or a batch of less than one.
    """

    def __init__(
        self,
        data: np.ndarray,
        *,
        batch_size: int,
        only: np.ndarray | None = None,
        seed: int = 0,
        augment: Augment | None = None,
        encode: Encode | None = None,
        pair: Pair = _autoencoding,
        shuffle: bool = True,
    ):
        only = np.arange(len(data)) if only is None else np.asarray(only)
        if batch_size < 1 or not len(only):
            raise ValueError(
                f"expected clips and a batch_size of at least 1; received {len(only)} and {batch_size}"
            )
        if not (only.dtype.kind in "iu" and only.min() >= 0 and only.max() < len(data)):
            raise ValueError(f"only must hold rows of data, integers from 0 to {len(data) - 1}")
        self.data = data
        self.only = only
        self.batch_size = batch_size
        self.seed = seed
        self.augment = augment
        self.encode = encode
        self.pair = pair
        self.shuffle = shuffle
        self._order: tuple[int, np.ndarray] | None = None

    @property
    def per_epoch(self) -> int:
        """Batches of one epoch."""
        return -(-len(self.only) // self.batch_size)

    def rows(self, epoch: int, index: int) -> np.ndarray:
        """Which clips batch ``index`` of ``epoch`` holds, shape (batch,); each is in one batch an epoch."""
        if not (epoch >= 0 and 0 <= index < self.per_epoch):
            raise ValueError(
                f"expected an epoch from 0 and a batch below {self.per_epoch}; received {epoch}, {index}"
            )
        # Read and set as one object: threads may ask for two epochs at once.
        order = self._order
        if order is None or order[0] != epoch:
            rng = np.random.default_rng((self.seed, epoch))
            order = self._order = (epoch, rng.permutation(self.only) if self.shuffle else self.only)
        return order[1][index * self.batch_size : (index + 1) * self.batch_size]

    def read(self, epoch: int, index: int) -> tuple[Any, Any]:
        """(inputs, targets) of batch ``index`` of ``epoch``, float32."""
        rows = self.rows(epoch, index)
        x = read_rows(self.data, rows)
        if self.augment is not None:
            x = self.augment(x, np.random.default_rng((self.seed, epoch, index)))
        if self.encode is not None:
            x = self.encode(x)
        return self.pair(np.ascontiguousarray(x, np.float32), rows)


def dataset(
    batches: Batches,
    *,
    epochs: int | None,
    first_epoch: int = 0,
    first_batch: int = 0,
    threads: int = 2,
    backend: str | None = None,
) -> Any:
    """What ``model.fit`` takes: all batches of ``epochs`` epochs one after the other.

    ``model.fit(dataset(batches, epochs=20), epochs=20, steps_per_epoch=batches.per_epoch, shuffle=False)``

    A ``tf.data.Dataset`` on the TensorFlow backend, a ``keras.utils.PyDataset`` on the others; both give the
    same batches, prepared while the model trains.

    Parameters
    ----------
    epochs : int, optional
        None for a training whose end is not known yet: the batches do not end, so ``fit`` must be given
        ``steps_per_epoch``.
    first_epoch, first_batch : int
        Where to begin. A resumed epoch is shorter than the others: give it a data set, and a ``fit``, of
        its own, with ``epochs=1`` and ``steps_per_epoch=batches.per_epoch - first_batch``.
    threads : int
        Batches in preparation at a time.
    backend : str, optional
        ``"tensorflow"``, ``"jax"`` or ``"torch"``; Keras's own by default.

    Raises
    ------
    ValueError
        No epochs, no threads, or a beginning that is not in the first one.
    """
    if threads < 1:
        raise ValueError(f"threads must be at least 1; received {threads}")
    if (epochs is not None and epochs < 1) or first_epoch < 0 or not 0 <= first_batch < batches.per_epoch:
        raise ValueError(
            f"expected at least one epoch and a first batch below {batches.per_epoch}; received {epochs} "
            f"epochs, from epoch {first_epoch} batch {first_batch}"
        )
    import keras

    first = first_epoch * batches.per_epoch + first_batch
    last = None if epochs is None else (first_epoch + epochs) * batches.per_epoch
    if (backend or keras.backend.backend()) == "tensorflow":
        return _tensorflow(batches, first, last, threads)
    from course_lib.data.py_batches import PyBatches

    return PyBatches(batches, first, last, threads=threads)


def _tensorflow(batches: Batches, first: int, last: int | None, threads: int) -> Any:
    import tensorflow as tf

    # The first batch says what all look like; only its first axis may differ in others.
    example = batches.read(*divmod(first, batches.per_epoch))
    flat = [np.asarray(value) for value in tf.nest.flatten(example)]

    def read(number: np.ndarray) -> list[np.ndarray]:
        return [
            np.asarray(value)
            for value in tf.nest.flatten(batches.read(*divmod(int(number), batches.per_epoch)))
        ]

    def load(number):
        # A function without side effects may be run ahead of time and in parallel.
        values = tf.numpy_function(read, [number], [value.dtype for value in flat], stateful=False)
        for value, like in zip(values, flat, strict=True):
            value.set_shape((None, *like.shape[1:]))
        return tf.nest.pack_sequence_as(example, values)

    numbers = tf.data.Dataset.range(first, tf.int64.max if last is None else last)
    return numbers.map(load, num_parallel_calls=threads, deterministic=True).prefetch(2)
