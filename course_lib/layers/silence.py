"""Let a network say "nothing at all" in bands whose level has a floor."""

from __future__ import annotations

import keras
import numpy as np
from keras import ops


@keras.saving.register_keras_serializable(package="latent_sound")
class Silence(keras.layers.Layer):
    """What lies below the floor of a band hardly goes below it: (batch, frames, bands) -> the same.

    Log magnitudes have a floor, and between the harmonics of a note most bins lie on it. A linear output
    would have to hit that number exactly everywhere, and misses by some dB: a haze that is heard. Here all
    numbers below the floor are nearly the floor; the small slope that is left is for learning.

    Parameters
    ----------
    slope : float
        Below the floor, 0 to 1.

    Attributes
    ----------
    floor : weight, shape (bands,)
        Not trained: :meth:`adapt` takes it from features. Far below everything at first.
    """

    def __init__(self, slope: float = 0.02, **kwargs):
        super().__init__(**kwargs)
        if not 0 <= slope <= 1:
            raise ValueError(f"slope must lie between 0 and 1; received {slope}")
        self.slope = slope

    def build(self, input_shape):
        self.floor = self.add_weight(
            name="floor",
            shape=(input_shape[-1],),
            initializer=keras.initializers.Constant(-100.0),
            trainable=False,
        )

    def adapt(self, features: np.ndarray) -> None:
        """Take each band's lowest value in ``features``, shape (clips, frames, bands), for its floor."""
        self.floor.assign(np.asarray(features, np.float32).min(axis=(0, 1)))

    def call(self, inputs):
        floor = ops.cast(self.floor, inputs.dtype)
        above = inputs - floor
        return floor + ops.maximum(above, 0) + self.slope * ops.minimum(above, 0)

    def compute_output_shape(self, input_shape):
        return tuple(input_shape)

    def get_config(self):
        return super().get_config() | {"slope": self.slope}
