"""A part of a vector."""

from __future__ import annotations

import keras


@keras.saving.register_keras_serializable(package="latent_sound")
class Part(keras.layers.Layer):
    """Numbers ``start`` to ``stop`` (not included) of a vector, (batch, n) -> (batch, stop - start)."""

    def __init__(self, start: int, stop: int, **kwargs):
        super().__init__(**kwargs)
        if not 0 <= start < stop:
            raise ValueError(f"expected 0 <= start < stop; received {start} and {stop}")
        self.start = start
        self.stop = stop

    def call(self, inputs):
        return inputs[:, self.start : self.stop]

    def compute_output_shape(self, input_shape):
        if self.stop > input_shape[-1]:
            raise ValueError(f"stop is {self.stop}, but there are only {input_shape[-1]} numbers")
        return (input_shape[0], self.stop - self.start)

    def get_config(self):
        return super().get_config() | {"start": self.start, "stop": self.stop}
