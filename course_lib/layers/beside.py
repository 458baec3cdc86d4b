"""Put what is wanted beside what is heard."""

from __future__ import annotations

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="latent_sound")
class Beside(keras.layers.Layer):
    """Fusion by concatenation: the condition becomes further channels, the same ones in every frame.

    [x, condition], (batch, frames, channels) and (batch, numbers) -> (batch, frames, channels + numbers). The
    layer that follows mixes them, where :class:`course_lib.layers.conditioning.FiLM` scales and shifts.
    """

    def call(self, inputs):
        x, condition = inputs
        everywhere = ops.ones_like(x[..., :1]) * ops.cast(condition, x.dtype)[:, None]
        return ops.concatenate([x, everywhere], axis=-1)

    def compute_output_shape(self, input_shape):
        x, condition = (tuple(shape) for shape in input_shape)
        if len(x) != 3 or len(condition) != 2:
            raise ValueError(
                f"expected (batch, frames, channels) and (batch, numbers); received {x} and {condition}"
            )
        return (*x[:2], x[2] + condition[1])
