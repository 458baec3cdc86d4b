"""Counts batches, keeps the data at the right epoch, and notices a loss that is not a number."""

from __future__ import annotations

import contextlib
import math

import keras

from course_lib.training.batches import EpochBatches
from course_lib.training.errors import RunError
from course_lib.training.model_state import restore
from course_lib.training.players import optimizers
from course_lib.training.position import Position


class Tracking(keras.callbacks.Callback):
    """First in the list of callbacks: the others read ``position``."""

    def __init__(self, position: Position, data: EpochBatches, running: dict | None = None):
        super().__init__()
        self.position = position
        self.data = data
        self.running = running

    def on_epoch_begin(self, epoch, logs=None):
        self.data.epoch = epoch
        self.position.epoch = epoch
        self.position.batch = self.data.start
        if self.running:
            # Keras has just reset the metrics; the first part of this epoch was made before the resume.
            # A network with other metrics loses the first part of this one mean.
            with contextlib.suppress(RunError):
                restore(self.model, self.running, kinds=("metrics",))
            self.running = None

    def on_train_batch_end(self, batch, logs=None):
        self.position.advance()
        loss = (logs or {}).get("loss")
        if loss is not None and not math.isfinite(loss):
            rate = float(optimizers(self.model)[-1].learning_rate)
            raise RunError(
                f"the loss is not a number after step {self.position.step}: the training has diverged; "
                f"start another run with a lower learning_rate (it was {rate:.3g}), "
                f"for instance --set learning_rate={rate / 10:.1g}"
            )

    def on_epoch_end(self, epoch, logs=None):
        if self.position.batch >= self.position.batches:
            self.position.epoch = epoch + 1
            self.position.batch = 0
