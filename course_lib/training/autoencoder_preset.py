"""The preset of lab 01."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field, model_validator

from course_lib.training.encoder_decoder_preset import EncoderDecoderPreset
from course_lib.training.hyperparameters import LatentHyperparameters

# Copies of the training clips in which principal components see more voices than there are.
VARIED_COPIES = 3


class AutoencoderHyperparameters(LatentHyperparameters):
    """Settings of the preset ``autoencoder``."""

    network: Literal["conv1d", "conv2d", "dense", "lstm", "aligned"] = Field(
        "aligned",
        description="Convolutions over time, or over time and frequency; one flat layer that sees the whole "
        "clip; a memory that reads it in order; or a network that stretches each sound to one length, hears "
        "loudness and starts from principal components",
    )
    width: int = Field(
        128,
        ge=2,
        le=1024,
        description="Channels of a convolution, units of a dense layer, or numbers in a memory",
        json_schema_extra={"scale": "log"},
    )
    tied: bool = Field(
        False,
        description="The decoder uses the encoder's weights, transposed",
        json_schema_extra={"hint": "for network=dense: half the weights, and sparsity that means something"},
    )
    sparsity: float = Field(
        0.0,
        ge=0,
        le=100.0,
        description="Weight of the mean absolute latent number in the loss",
        json_schema_extra={"hint": "0 for none; a decoder that is not tied can undo it by large weights"},
    )

    @model_validator(mode="after")
    def _what_goes_together(self):
        if self.tied and self.network != "dense":
            raise ValueError(
                "tied=true is for network=dense, whose layers can be transposed; received "
                f"network={self.network}: set network=dense or tied=false"
            )
        if self.network == "aligned" and self.latent_dim < 2:
            raise ValueError(
                "latent_dim must be at least 2 with network=aligned, which spends one number on the length; "
                f"received {self.latent_dim}: set latent_dim=2 or another network"
            )
        return self


class AutoencoderPreset(EncoderDecoderPreset):
    """Reconstruct a spoken digit from ``latent_dim`` numbers."""

    name = "autoencoder"
    title = "Autoencoder"
    description = "Squeeze a spoken digit through a few numbers and listen to what comes out"
    hyperparameters = AutoencoderHyperparameters

    def build(self, hyperparameters, shape, train_features=None, seed=0, architecture=None):
        if architecture is not None and hyperparameters.tied:
            raise ValueError(
                "tied=true is for the preset's own networks; set tied=false and tie yours by TiedDense"
            )
        encoder, decoder = self.own_or_given(hyperparameters, shape, seed, architecture)
        model = self._model(encoder, decoder, hyperparameters)
        if architecture is None and hyperparameters.network == "aligned":
            self._prepare_aligned(model, hyperparameters, train_features, seed)
        else:
            self._compile(model, hyperparameters)
        return model

    def networks(self, hyperparameters, shape, seed):
        from course_lib.models import aligned, networks

        kind = hyperparameters.network
        room = aligned if kind == "aligned" else networks
        settings = {"latent_dim": hyperparameters.latent_dim, "width": hyperparameters.width}
        tied = {"tied": True} if hyperparameters.tied else {}
        return (
            getattr(room, f"{kind}_encoder")(shape, seed=2 * seed, **settings),
            getattr(room, f"{kind}_decoder")(shape, seed=2 * seed + 1, **settings, **tied),
        )

    def _model(self, encoder, decoder, hyperparameters):
        if hyperparameters.sparsity:
            from course_lib.models.sparse import SparseAutoencoder

            return SparseAutoencoder(encoder, decoder, hyperparameters.sparsity)
        from course_lib.models.autoencoder import Autoencoder

        return Autoencoder(encoder, decoder)

    def _compile(self, model, hyperparameters):
        import keras

        from course_lib.losses.reconstruction import mean_absolute

        model.compile(optimizer=keras.optimizers.Adam(hyperparameters.learning_rate), loss=mean_absolute)

    def _prepare_aligned(self, model, hyperparameters, train_features, seed):
        """Start from principal components; train what is beside them, judged by loudness."""
        import keras

        from course_lib.losses.reconstruction import loudness_error
        from course_lib.models.principal import start_from_principal_components

        if train_features is not None:
            varied = self._varied(train_features, hyperparameters, seed)
            start_from_principal_components(model, varied, seed=seed)
        ear = model.encoder.get_layer("loudness")

        def loss(target, estimate):
            return loudness_error(target, estimate, floor=ear.floor, gain=ear.gain, exponent=ear.exponent)

        optimizer = keras.optimizers.AdamW(
            hyperparameters.learning_rate,
            weight_decay=1e-3,
            clipnorm=1.0,
            use_ema=True,
            ema_momentum=0.99,
            ema_overwrite_frequency=None,
        )
        model.compile(optimizer=optimizer, loss=loss)

    def _varied(self, features, hyperparameters, seed):
        """Training clips and, unless augmentation is off, varied copies: components that new voices share."""
        augment = self.augment(hyperparameters)
        if augment is None:
            return features
        rng = np.random.default_rng((seed, VARIED_COPIES))
        copies = [features]
        for _ in range(VARIED_COPIES):
            # A few hundred at a time: the memory of a notebook is small.
            parts = (features[start : start + 250] for start in range(0, len(features), 250))
            copies += [augment(part, rng) for part in parts]
        return np.concatenate(copies)
