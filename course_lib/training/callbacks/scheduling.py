"""Sets the learning rate before each step."""

from __future__ import annotations

import keras

from course_lib.training.players import players
from course_lib.training.position import Position
from course_lib.training.schedule import learning_rate, progress


class Scheduling(keras.callbacks.Callback):
    """Warm-up and cosine by progress; depends on the step alone unless the training has a time limit."""

    def __init__(self, position: Position, peak: float):
        super().__init__()
        self.position = position
        self.peak = peak

    def on_train_batch_begin(self, batch, logs=None):
        position = self.position
        done = progress(position.step, position.steps, position.elapsed_s, position.max_seconds)
        rate = learning_rate(done, self.peak)
        for player in players(self.model):
            # A turn of a game may be faster or slower than its rival's.
            player.optimizer.learning_rate.assign(rate * getattr(player, "rate_factor", 1.0))
