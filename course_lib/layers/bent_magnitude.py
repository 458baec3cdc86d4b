"""Bring the quiet bins of a spectrum near the loud ones, or back, without touching their phases."""

from __future__ import annotations

import keras
from keras import ops

# Power below which nothing is heard, next to the mean of 1: keeps the power law's slope finite.
FLOOR = 1e-8


@keras.saving.register_keras_serializable(package="latent_sound")
class BentMagnitude(keras.layers.Layer):
    """Magnitudes to the power of ``exponent``, phases as they are.

    (batch, frames, 2 * bins), all real parts before all imaginary parts -> the same. 0.3 is about as loud as
    it sounds; its inverse has the exponent 1 / 0.3.
    """

    def __init__(self, exponent: float = 0.3, **kwargs):
        super().__init__(**kwargs)
        if not exponent > 0:
            raise ValueError(f"exponent must be positive; received {exponent}")
        self.exponent = exponent

    def call(self, inputs):
        # Half precision has not the range of a power.
        real, imaginary = ops.split(ops.cast(inputs, "float32"), 2, axis=-1)
        # By exp and log: ops.power takes several times as long.
        power = ops.square(real) + ops.square(imaginary) + FLOOR
        gain = ops.exp(0.5 * (self.exponent - 1) * ops.log(power))
        return ops.cast(ops.concatenate([real * gain, imaginary * gain], axis=-1), self.compute_dtype)

    def compute_output_shape(self, input_shape):
        if input_shape[-1] % 2:
            raise ValueError(
                f"expected as many imaginary as real parts; received {input_shape[-1]} numbers a frame"
            )
        return input_shape

    def get_config(self):
        return super().get_config() | {"exponent": self.exponent}
