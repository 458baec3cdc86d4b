"""Writes ``history.csv``."""

from __future__ import annotations

from pathlib import Path

import keras

from course_lib.training.history import append_row, format_row
from course_lib.training.players import optimizers
from course_lib.training.position import Position

# Rows inside the first epoch, so that a curve moves at once.
EARLY_ROWS = 20


# What Keras logs of every model; the rest are the terms of this one's loss.
COMMON = frozenset({"loss", "val_loss", "learning_rate"})


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
            self._append(0, logs or {})

    def on_epoch_end(self, epoch, logs=None):
        # After a stop in mid-epoch the row is left to the resumed run; when the time is over it is the last.
        position = self.position
        if position.batch == 0 or (position.out_of_time and not position.stop.is_set()):
            self._append(epoch + 1, logs)

    def _append(self, epoch: int, logs: dict) -> None:
        rate = float(optimizers(self.model)[-1].learning_rate)
        own = sorted(name for name in logs if name not in COMMON and not name.startswith("val_"))
        # The first epoch's early rows come before anything held out was measured, and have its columns too.
        terms = {name: logs.get(name) for name in [*own, *(f"val_{name}" for name in own)]}
        position = self.position
        row = format_row(
            position.step, epoch, position.elapsed_s, logs["loss"], logs.get("val_loss"), rate, terms
        )
        append_row(self.path, row, terms)
