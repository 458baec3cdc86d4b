"""Draw a latent from the posterior that an encoder describes."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="latent_sound")
class Sampling(keras.layers.Layer):
    """[mean, log_variance], each (batch, latent_dim) -> mean + exp(log_variance / 2) * noise.

    The reparameterisation of D. P. Kingma, M. Welling, ICLR 2014: the noise comes from outside, so the
    gradient reaches mean and variance. Drawn in training and in validation alike: the bound is a mean over
    draws. Who wants no chance takes the mean itself.

    Parameters
    ----------
    seed : int
        Of the layer's own generator.
    """

    def __init__(self, seed: int = 0, **kwargs):
        super().__init__(**kwargs)
        self.seed = seed
        self.generator = keras.random.SeedGenerator(seed)

    def call(self, inputs):
        mean, log_variance = inputs
        noise = keras.random.normal(ops.shape(mean), dtype=mean.dtype, seed=self.generator)
        return mean + ops.exp(0.5 * log_variance) * noise

    def compute_output_shape(self, input_shape):
        return tuple(input_shape[0])

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"seed": self.seed}
