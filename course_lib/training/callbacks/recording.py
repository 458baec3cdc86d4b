"""Writes ``history.csv``."""

from __future__ import annotations

from pathlib import Path

import keras

from course_lib.training.history import append_row, format_row
from course_lib.training.position import Position

# Rows inside the first epoch, so that a curve moves at once.
EARLY_ROWS = 20


class Recording(keras.callbacks.Callback):
    """A row an epoch, and about 20 inside the first; ``loss`` is the mean over the epoch so far."""

    def __init__(self, path: Path, position: Position):
        super().__init__()
        self.path = Path(path)
        self.position = position

    def on_train_batch_end(self, batch, logs=None):
        position = self.position
        every = max(1, position.batches // EARLY_ROWS)
        last = position.batch >= position.batches
        if position.epoch == 0 and not last and (position.step == 1 or position.step % every == 0):
            self._append(0, (logs or {})["loss"], None)

    def on_epoch_end(self, epoch, logs=None):
        # After a stop in mid-epoch the row is left to the resumed run; when the time is over it is the last.
        position = self.position
        if position.batch == 0 or (position.out_of_time and not position.stop.is_set()):
            self._append(epoch + 1, logs["loss"], logs.get("val_loss"))

    def _append(self, epoch: int, loss: float, val_loss: float | None) -> None:
        rate = float(self.model.optimizer.learning_rate)
        position = self.position
        append_row(self.path, format_row(position.step, epoch, position.elapsed_s, loss, val_loss, rate))
