"""What the autoencoders have in common whose loss has a second term."""

from __future__ import annotations

from typing import Any, ClassVar

import keras
from keras import ops

from course_lib.models.autoencoder import Autoencoder


class PenalisedAutoencoder(Autoencoder):
    """An autoencoder that is also told what its latents should be like.

    The loss is the ``reconstruction`` that it was compiled with, plus ``weight`` times a penalty; both are
    logged, the penalty without its weight. Subclasses name the penalty and give :meth:`penalty`; what that
    needs leaves :meth:`call` in a dict.

    Parameters
    ----------
    encoder, decoder : keras.Model
        As of :class:`Autoencoder`.
    weight : float
        Of the penalty; 0 trains a plain autoencoder.
    """

    term: ClassVar[str]

    def __init__(self, encoder: keras.Model, decoder: keras.Model, weight: float, **kwargs):
        super().__init__(encoder, decoder, **kwargs)
        if not weight >= 0:
            raise ValueError(f"weight must be at least 0; received {weight}")
        self.weight = weight
        self.reconstruction_mean = keras.metrics.Mean(name="reconstruction")
        self.penalty_mean = keras.metrics.Mean(name=self.term)

    def call(self, inputs, training=None) -> dict[str, Any]:
        latents = self.encoder(inputs, training=training)
        return {"features": self.decoder(latents, training=training), "latents": latents}

    def penalty(self, made: dict[str, Any]):
        """One number a clip, shape (batch,), from what :meth:`call` made."""
        raise NotImplementedError

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        reconstruction = super().compute_loss(
            x=x, y=y, y_pred=y_pred["features"], sample_weight=sample_weight, training=training
        )
        penalty = ops.mean(ops.cast(self.penalty(y_pred), "float32"))
        self.reconstruction_mean.update_state(reconstruction)
        self.penalty_mean.update_state(penalty)
        return reconstruction + self.weight * penalty

    def compute_output_shape(self, input_shape):
        latents = (input_shape[0], self.latent_dim)
        return {"features": tuple(input_shape), "latents": latents}

    def get_config(self):
        return super().get_config() | {"weight": self.weight}
