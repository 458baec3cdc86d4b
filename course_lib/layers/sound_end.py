"""Where the sound of a clip ends."""

from __future__ import annotations

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="latent_sound")
class SoundEnd(keras.layers.Layer):
    """Loudness, (batch, frames, bands) -> how many frames the sound lasts from the clip's start, (batch, 1).

    The last frame whose mean over the bands exceeds ``threshold``; a silent clip gives 0. It is a count,
    not a trained estimate, and no gradient passes through it.
    """

    def __init__(self, threshold: float = 0.05, **kwargs):
        super().__init__(**kwargs)
        self.threshold = threshold

    def call(self, inputs):
        sounding = ops.cast(ops.mean(inputs, axis=-1) > self.threshold, "float32")
        count = ops.arange(1, inputs.shape[1] + 1, dtype="float32")
        return ops.max(sounding * count, axis=1, keepdims=True)

    def compute_output_shape(self, input_shape):
        return (input_shape[0], 1)

    def get_config(self):
        return super().get_config() | {"threshold": self.threshold}
