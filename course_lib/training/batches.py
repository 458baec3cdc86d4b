"""Batches whose order and variation depend on the seed, the epoch and the batch only."""

from __future__ import annotations

import keras
import numpy as np

from course_lib.training.presets import Augment


class EpochBatches(keras.utils.PyDataset):
    """Shuffled (features, features) batches of one epoch at a time; set ``epoch`` before it is read.

    Parameters
    ----------
    features : np.ndarray, shape (clips, frames, bands)
    batch_size, seed : int
    augment : callable, optional
        ``(features, rng) -> features``; its result is both input and target.
    start : int
        Batches of every epoch to leave out at its beginning: for the one in which a run is resumed.
    """

    def __init__(
        self,
        features: np.ndarray,
        *,
        batch_size: int,
        seed: int,
        augment: Augment | None = None,
        start: int = 0,
    ):
        super().__init__(workers=1, use_multiprocessing=False, max_queue_size=4)
        self.features = features
        self.batch_size = batch_size
        self.seed = seed
        self.augment = augment
        self.start = start
        self.epoch = 0
        self._order: tuple[int, np.ndarray] | None = None

    @property
    def batches(self) -> int:
        """Batches of a whole epoch."""
        return -(-len(self.features) // self.batch_size)

    @property
    def num_batches(self) -> int:
        """Batches that are given."""
        return self.batches - self.start

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        # Keras may still be prefetching the old epoch while the new one is set: read it once.
        epoch, batch = self.epoch, index + self.start
        order = self._order
        if order is None or order[0] != epoch:
            rng = np.random.default_rng((self.seed, epoch))
            order = self._order = (epoch, rng.permutation(len(self.features)))
        rows = order[1][batch * self.batch_size : (batch + 1) * self.batch_size]
        features = self.features[rows]
        if self.augment is not None:
            rng = np.random.default_rng((self.seed, epoch, batch))
            features = np.ascontiguousarray(self.augment(features, rng), dtype=np.float32)
        return features, features
