"""Tell a network what is wanted of it."""

from __future__ import annotations

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="latent_sound")
class FiLM(keras.layers.Layer):
    """Feature-wise linear modulation: scale and shift each channel by what the condition says.

    E. Perez, F. Strub, H. de Vries, V. Dumoulin, A. Courville, "FiLM: visual reasoning with a general
    conditioning layer", AAAI 2018. [x, condition], (batch, frames, channels) and (batch, numbers) ->
    (batch, frames, channels): x * (1 + scale) + shift, both linear in the condition and equal in all frames.
    It begins as the identity.

    Parameters
    ----------
    seed : int, optional
        Of the shift's first weights; None begins them at zero, too.
    """

    def __init__(self, seed: int | None = None, **kwargs):
        super().__init__(**kwargs)
        self.seed = seed

    def build(self, input_shape):
        x, condition = input_shape
        shape, channels = (condition[-1], x[-1]), x[-1]
        start = "zeros" if self.seed is None else keras.initializers.GlorotUniform(seed=self.seed)
        self.scale_kernel = self.add_weight(name="scale_kernel", shape=shape, initializer="zeros")
        self.scale_bias = self.add_weight(name="scale_bias", shape=(channels,), initializer="zeros")
        self.shift_kernel = self.add_weight(name="shift_kernel", shape=shape, initializer=start)
        self.shift_bias = self.add_weight(name="shift_bias", shape=(channels,), initializer="zeros")

    def call(self, inputs):
        x, condition = inputs
        scale = 1 + ops.matmul(condition, self.scale_kernel) + self.scale_bias
        shift = ops.matmul(condition, self.shift_kernel) + self.shift_bias
        return x * scale[:, None] + shift[:, None]

    def compute_output_shape(self, input_shape):
        x, condition = (tuple(shape) for shape in input_shape)
        if len(x) != 3 or len(condition) != 2:
            raise ValueError(
                f"expected (batch, frames, channels) and (batch, numbers); received {x} and {condition}"
            )
        return x

    def get_config(self):
        return super().get_config() | {"seed": self.seed}
