"""The contractive preset of lab 03: latents that hold still when the clip is disturbed."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from course_lib.training.encoder_decoder_preset import EncoderDecoderPreset
from course_lib.training.hyperparameters import LatentHyperparameters


class ContractiveHyperparameters(LatentHyperparameters):
    """Settings of the preset ``contractive``."""

    network: Literal["sigmoid", "dense", "conv1d", "conv2d", "lstm"] = Field(
        "sigmoid",
        description="One sigmoid layer with tied weights, as in the paper, whose Jacobian has a closed form "
        "and which starts from principal components; or a deeper network, whose Jacobian is estimated",
        json_schema_extra={"hint": "an estimate costs a second pass through the encoder"},
    )
    contraction: float = Field(
        3.0,
        ge=0,
        le=1e4,
        description="Weight of the Jacobian's squared norm in the loss",
        json_schema_extra={
            "hint": "0 for a plain autoencoder; a deeper network wants 0.01; at 1000 all clips sound alike"
        },
    )
    width: int = Field(
        128,
        ge=2,
        le=1024,
        description="Channels of a convolution, units of a dense layer, or numbers in a memory; "
        "network=sigmoid has none of them",
        json_schema_extra={"scale": "log"},
    )


class ContractivePreset(EncoderDecoderPreset):
    """Reconstruct a spoken digit from numbers that a small disturbance does not move."""

    name = "contractive"
    title = "Contractive autoencoder"
    description = "Latents that hold still when the sound is disturbed a little"
    hyperparameters = ContractiveHyperparameters
    # Numbers between 0 and 1 are not drawn from a normal distribution.
    verbs = ("reconstruct", "interpolate")

    def build(self, hyperparameters, shape, train_features=None, seed=0, architecture=None):
        import keras

        from course_lib.losses.reconstruction import mean_absolute
        from course_lib.models.contractive import ContractiveAutoencoder

        encoder, decoder = self.own_or_given(hyperparameters, shape, seed, architecture)
        closed = architecture is None and hyperparameters.network == "sigmoid"
        model = ContractiveAutoencoder(
            encoder,
            decoder,
            hyperparameters.contraction,
            method="closed_form" if closed else "estimate",
            seed=seed,
        )
        if closed and train_features is not None:
            from course_lib.models.sigmoid_networks import start_sigmoids

            start_sigmoids(model, train_features, seed=seed)
        model.compile(optimizer=keras.optimizers.Adam(hyperparameters.learning_rate), loss=mean_absolute)
        return model

    def networks(self, hyperparameters, shape, seed):
        from course_lib.models import networks

        kind, latent_dim = hyperparameters.network, hyperparameters.latent_dim
        if kind == "sigmoid":
            encoder = networks.sigmoid_encoder(shape, latent_dim, seed=2 * seed)
            return encoder, networks.sigmoid_decoder(shape, latent_dim)
        settings = {"latent_dim": latent_dim, "width": hyperparameters.width}
        return (
            getattr(networks, f"{kind}_encoder")(shape, seed=2 * seed, **settings),
            getattr(networks, f"{kind}_decoder")(shape, seed=2 * seed + 1, **settings),
        )
