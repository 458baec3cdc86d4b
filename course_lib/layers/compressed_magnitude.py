"""What a network should see of a spectrum: magnitudes, with quiet bins brought near the loud ones."""

from __future__ import annotations

import keras
from keras import ops

# Power of a bin below which nothing is heard, next to the mean of 1: keeps the power law's slope finite.
FLOOR = 1e-8


@keras.saving.register_keras_serializable(package="latent_sound")
class CompressedMagnitude(keras.layers.Layer):
    """Magnitude to the power of ``exponent``, about as loud as it sounds.

    (batch, frames, 2 * bins), all real parts before all imaginary parts -> (batch, frames, bins).
    """

    def __init__(self, exponent: float = 0.3, **kwargs):
        super().__init__(**kwargs)
        if not 0 < exponent <= 1:
            raise ValueError(f"exponent must lie in (0, 1]; received {exponent}")
        self.exponent = exponent

    def call(self, inputs):
        real, imaginary = ops.split(inputs, 2, axis=-1)
        return ops.exp(0.5 * self.exponent * ops.log(ops.square(real) + ops.square(imaginary) + FLOOR))

    def compute_output_shape(self, input_shape):
        if input_shape[-1] % 2:
            raise ValueError(
                f"expected as many imaginary as real parts; received {input_shape[-1]} numbers a frame"
            )
        return (*input_shape[:-1], input_shape[-1] // 2)

    def get_config(self):
        return super().get_config() | {"exponent": self.exponent}
