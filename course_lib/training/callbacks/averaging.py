"""Validates the averaged weights, where the optimiser keeps them."""

from __future__ import annotations

import keras

from course_lib.training.averaging import averaged_weights
from course_lib.training.position import Position


class Averaging(keras.callbacks.Callback):
    """The held-out loss is that of the weights which are heard and kept."""

    def __init__(self, position: Position):
        super().__init__()
        self.position = position
        self._block = None

    def on_test_begin(self, logs=None):
        self._block = averaged_weights(self.model, steps=self.position.step)
        self._block.__enter__()

    def on_test_end(self, logs=None):
        if self._block is not None:
            self._block.__exit__(None, None, None)
            self._block = None
