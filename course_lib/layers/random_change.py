"""The same random changes for real and made sounds, so that a critic cannot learn few clips by heart."""

from __future__ import annotations

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="latent_sound")
class RandomChange(keras.layers.Layer):
    """Shift in time, change of level and a masked stretch, different for each example; training only.

    S. Zhao et al., "Differentiable augmentation for data-efficient GAN training", NeurIPS 2020: what is
    changed in front of the critic for both players alike leaves the game's fixed point where it was, and
    the generator learns through it because each change has a gradient. (batch, frames, bands) -> the same.

    Parameters
    ----------
    shift : int
        At most so many frames to either side; what leaves is lost, what enters repeats the edge.
    level : float
        At most so much added to all bands, in the unit of the features.
    mask : int
        Frames in a row that are replaced by the clip's mean; 0 for none.
    seed : int

    Raises
    ------
    ValueError
        A negative size.
    """

    def __init__(self, shift: int = 4, level: float = 0.2, mask: int = 16, seed: int = 0, **kwargs):
        super().__init__(**kwargs)
        if min(shift, level, mask) < 0:
            raise ValueError(
                f"shift, level and mask must not be negative; received {shift}, {level} and {mask}"
            )
        self.shift = shift
        self.level = level
        self.mask = mask
        self.seed = seed
        self.random = keras.random.SeedGenerator(seed)

    def call(self, inputs, training=None):
        if not training:
            return inputs
        batch, frames = ops.shape(inputs)[0], inputs.shape[1]
        x = inputs
        if self.shift:
            by = keras.random.randint((batch, 1), -self.shift, self.shift + 1, seed=self.random)
            place = ops.clip(ops.arange(frames, dtype="int32")[None] + by, 0, frames - 1)
            x = ops.take_along_axis(x, place[..., None], axis=1)
        if self.level:
            x = x + keras.random.uniform((batch, 1, 1), -self.level, self.level, seed=self.random)
        if self.mask:
            start = keras.random.randint((batch, 1), -self.mask, frames, seed=self.random)
            place = ops.arange(frames, dtype="int32")[None]
            hidden = ops.cast((place >= start) & (place < start + self.mask), x.dtype)[..., None]
            x = x * (1 - hidden) + hidden * ops.mean(x, axis=(1, 2), keepdims=True)
        return x

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return super().get_config() | {
            "shift": self.shift,
            "level": self.level,
            "mask": self.mask,
            "seed": self.seed,
        }
