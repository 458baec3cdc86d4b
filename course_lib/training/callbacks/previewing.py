"""Lets the run be heard at each rung of the ladder."""

from __future__ import annotations

import keras

from course_lib.training.averaging import averaged_weights
from course_lib.training.ladder import Ladder
from course_lib.training.position import Position
from course_lib.training.schedule import is_rung


class Previewing(keras.callbacks.Callback):
    """A preview before the first step, at steps 1, 3, 10, 30 and so on, and at the end."""

    def __init__(self, ladder: Ladder, position: Position):
        super().__init__()
        self.ladder = ladder
        self.position = position

    def on_train_batch_end(self, batch, logs=None):
        if is_rung(self.position.step):
            self.write()

    def write(self) -> None:
        """Write the rung of the present step unless it is there."""
        position = self.position
        if self.ladder.has(position.step):
            return
        with averaged_weights(self.model, steps=position.step):
            self.ladder.write(
                self.model, step=position.step, epoch=position.epoch, seconds=position.elapsed_s
            )
