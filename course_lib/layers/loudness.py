"""From log magnitudes to something nearer to loudness, and back."""

from __future__ import annotations

import keras
import numpy as np
from keras import ops


@keras.saving.register_keras_serializable(package="latent_sound")
class Loudness(keras.layers.Layer):
    """Log-mel features -> compressed magnitudes that are 0 in silence and about 1 in spread.

    In log magnitude a barely audible hiss weighs as much as a vowel. The ear compresses less than that: a
    power law of the magnitude, about 0.3 (S. S. Stevens, "The measurement of loudness", JASA 27, 1955).
    An error of equal size then sounds about equally bad, so a bottleneck spends its numbers where one hears.

    Parameters
    ----------
    exponent : float
        Power of the magnitude, times the scale of the features: for features in units of 1.6 nepers, 0.48
        makes the power law 0.3.
    inverse : bool
        Go back: loudness -> features. Values below 0 are continued below the floor, so that a gradient
        reaches them.

    Notes
    -----
    ``adapt(features)`` learns each band's floor (its value in silence) and the gain. Two layers that undo
    each other need the same features, or :meth:`copy_from`. (batch, frames, bands) -> the same.
    """

    def __init__(self, exponent: float = 0.48, inverse: bool = False, **kwargs):
        super().__init__(**kwargs)
        if not exponent > 0:
            raise ValueError(f"exponent must be above 0; received {exponent}")
        self.exponent = exponent
        self.inverse = inverse

    def build(self, input_shape):
        self.floor = self.add_weight(
            name="floor", shape=(input_shape[-1],), initializer="zeros", trainable=False
        )
        self.gain = self.add_weight(name="gain", shape=(), initializer="ones", trainable=False)
        super().build(input_shape)

    def adapt(self, features: np.ndarray) -> None:
        """Learn floor and gain from training features, shape (clips, frames, bands)."""
        features = np.asarray(features, np.float32)
        if features.ndim != 3 or 0 in features.shape:
            raise ValueError(f"expected features of shape (clips, frames, bands); received {features.shape}")
        floor = features.min(axis=(0, 1))
        spread = np.std(np.expm1(self.exponent * (features - floor)), dtype=np.float64)
        if not spread > 0:
            raise ValueError("all features are equal: there is nothing to adapt to")
        self.floor.assign(floor)
        self.gain.assign(1 / spread)

    def copy_from(self, other: Loudness) -> None:
        """Take floor and gain of another layer."""
        self.floor.assign(other.floor)
        self.gain.assign(other.gain)

    def call(self, inputs):
        if not self.inverse:
            # 12 is far above full scale: an untrained network's output must not overflow.
            return self.gain * ops.expm1(ops.minimum(self.exponent * (inputs - self.floor), 12.0))
        y = inputs / self.gain
        # log1p(y) above zero; its tangent below, which silence meets with the same slope.
        return self.floor + (ops.log1p(ops.maximum(y, 0.0)) + ops.minimum(y, 0.0)) / self.exponent

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return super().get_config() | {"exponent": self.exponent, "inverse": self.inverse}
