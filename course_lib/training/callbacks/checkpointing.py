"""Saves where a training is, so that nothing is lost when its process is killed."""

from __future__ import annotations

import time
from pathlib import Path

import keras

from course_lib.training.averaging import average_arrays
from course_lib.training.checkpoints import Checkpoint, save_checkpoint
from course_lib.training.history import sync_history
from course_lib.training.model_state import collect
from course_lib.training.position import Position
from course_lib.training.schedule import COST_RATIO

# In an epoch that takes minutes a checkpoint is due after this time also in its middle.
MID_EPOCH_SECONDS = 60.0


class Checkpointing(keras.callbacks.Callback):
    """At most about 3 % of the time; always at a stop."""

    def __init__(self, folder: Path, position: Position):
        super().__init__()
        self.folder = Path(folder)
        self.position = position
        self._written_at = time.monotonic()
        self._cost = 0.0
        self._step = -1

    def on_train_batch_end(self, batch, logs=None):
        position = self.position
        # At an epoch's last batch its row is still to come; on_epoch_end saves then.
        if position.batch >= position.batches:
            return
        if position.stop.is_set() or time.monotonic() - self._written_at > MID_EPOCH_SECONDS:
            self.save()

    def on_epoch_end(self, epoch, logs=None):
        if self.position.batch:
            return
        last = self.position.epoch >= self.position.epochs
        due = time.monotonic() - self._written_at >= COST_RATIO * self._cost
        if due or last or self.position.stop.is_set():
            self.save()

    def save(self) -> None:
        """Write a checkpoint of this moment, after what the history says of it is safe."""
        position = self.position
        if position.step == self._step:
            return
        began = time.monotonic()
        sync_history(self.folder / "history.csv")
        arrays = collect(self.model) | average_arrays(self.model)
        checkpoint = Checkpoint(position.epoch, position.batch, position.step, position.elapsed_s, arrays)
        save_checkpoint(self.folder / "checkpoints", checkpoint)
        self._step = position.step
        self._written_at = time.monotonic()
        self._cost = self._written_at - began
