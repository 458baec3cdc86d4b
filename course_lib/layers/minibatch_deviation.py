"""Lets a critic see that all sounds of a batch are alike."""

from __future__ import annotations

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="latent_sound")
class MinibatchDeviation(keras.layers.Layer):
    """Append one channel: how much the examples of the batch differ from each other.

    T. Karras et al., "Progressive growing of GANs", ICLR 2018, section 3. A generator that always makes the
    same sound gives itself away by it. (batch, frames, channels) -> (batch, frames, channels + 1).

    Parameters
    ----------
    group : int
        Examples that are compared with each other, neighbours in the batch. It divides every batch, real
        ones and made ones alike, so that a group is never of both.
    """

    def __init__(self, group: int = 4, **kwargs):
        super().__init__(**kwargs)
        if group < 2:
            raise ValueError(f"group must be at least 2; received {group}")
        self.group = group

    def call(self, inputs):
        batch, frames, channels = inputs.shape
        if batch is not None and batch % self.group:
            raise ValueError(f"the batch must be a multiple of group = {self.group}; received {batch}")
        grouped = ops.reshape(inputs, (-1, self.group, frames, channels))
        # A slope of the root at zero would be infinite where all are equal.
        spread = ops.sqrt(ops.var(grouped, axis=1, keepdims=True) + 1e-8)
        mean = ops.mean(spread, axis=(2, 3), keepdims=True)
        channel = ops.reshape(ops.broadcast_to(mean, ops.shape(grouped[..., :1])), (-1, frames, 1))
        return ops.concatenate([inputs, channel], axis=-1)

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], input_shape[-1] + 1)

    def get_config(self):
        return super().get_config() | {"group": self.group}
