"""The presets of lab 04, and the variational systems of the articles, corrected."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field, model_validator

from course_lib.training.encoder_decoder_preset import EncoderDecoderPreset
from course_lib.training.hyperparameters import TrainingHyperparameters

# Of the aligned network's loudness: nearer to a logarithm than what sounds best tells words from each other.
EXPONENT = 0.33
# Frames at a time in its decoder.
POOL = 2
# Standard deviation of the likelihood where networks start from principal components.
STARTED_SCALE = 0.5


def averaging_optimizer(learning_rate: float) -> Any:
    """AdamW whose running average of the weights is what is heard and kept."""
    from course_lib.training.warm_average import WarmAdamW

    return WarmAdamW(
        learning_rate,
        weight_decay=1e-3,
        # The loss is a sum over some thousand numbers: without a limit the first steps are leaps.
        clipnorm=1000.0,
        use_ema=True,
        ema_momentum=0.99,
        ema_overwrite_frequency=None,
    )


class VariationalHyperparameters(TrainingHyperparameters):
    """What all of them have."""

    latent_dim: int = Field(
        32,
        ge=1,
        le=1024,
        description="Numbers that describe one clip, each with its own spread",
        json_schema_extra={"hint": "2 can be drawn as a map; 32 can be understood", "scale": "log"},
    )
    beta: float = Field(
        1.0,
        ge=0,
        le=1000,
        description="Weight of the divergence; 1 is the evidence bound",
        json_schema_extra={"hint": "far above 1 the latents fall silent: posterior collapse"},
    )
    warm_up: int = Field(
        200,
        ge=0,
        le=1_000_000,
        description="Optimiser steps over which beta grows from 0",
        json_schema_extra={"hint": "without it the decoder may learn to do without latents"},
    )
    free_nats: float = Field(
        0.0, ge=0, le=10, description="Divergence that each latent has for nothing, in nats"
    )


class VAEHyperparameters(VariationalHyperparameters):
    """Settings of the preset ``vae``."""

    network: Literal["aligned", "conv1d", "conv2d", "dense", "lstm"] = Field(
        "aligned",
        description="A network that stretches each sound to one length, hears loudness and starts from "
        "principal components; convolutions over time, or over time and frequency; flat layers; recurrence",
    )
    width: int = Field(
        128,
        ge=2,
        le=1024,
        description="Channels of a convolution, or units of a layer",
        json_schema_extra={"scale": "log"},
    )
    voices: int = Field(
        6,
        ge=0,
        le=64,
        description="For network=aligned: clips are sorted into so many voices, by ear alone, and what the "
        "voice adds is taken from the latents; 0 leaves it in, for closer reconstructions",
        json_schema_extra={"hint": "about as many as speak; too many are no voices any more"},
    )

    @model_validator(mode="after")
    def _what_goes_together(self):
        if self.network == "aligned" and self.latent_dim < 2:
            raise ValueError(
                "latent_dim must be at least 2 with network=aligned, which spends one number on the length; "
                f"received {self.latent_dim}: set latent_dim=2 or another network"
            )
        return self


class MFCCVAEHyperparameters(VariationalHyperparameters):
    """Settings of the preset ``mfcc_vae``."""

    latent_dim: int = Field(20, ge=1, le=1024, description="Numbers that describe one clip")


class VariationalPreset(EncoderDecoderPreset):
    """What all of them do alike; the encoder of a subclass gives means and log-variances."""

    def build(self, hyperparameters, shape, train_features=None, seed=0, architecture=None):
        import keras

        from course_lib.models.vae import VAE

        encoder, decoder = self.own_or_given(hyperparameters, shape, seed, architecture)
        aligned = architecture is None and getattr(hyperparameters, "network", None) == "aligned"
        model = VAE(
            encoder,
            decoder,
            beta=hyperparameters.beta,
            # What starts near its end has no latents to give up.
            warm_up=0 if aligned else hyperparameters.warm_up,
            free_nats=hyperparameters.free_nats,
            initial_scale=STARTED_SCALE if aligned else 1.0,
            seed=seed,
        )
        if aligned:
            self._start(model, train_features, hyperparameters.voices, seed)
            model.compile(optimizer=averaging_optimizer(hyperparameters.learning_rate))
        else:
            # The loss is a sum over some thousand numbers: without a limit the first steps are leaps.
            model.compile(optimizer=keras.optimizers.Adam(hyperparameters.learning_rate, clipnorm=1000.0))
        return model

    def _start(self, model, train_features, voices: int, seed: int) -> None:
        """Weights whose best values are known without training."""
        from course_lib.models.principal import start_from_principal_components
        from course_lib.models.voices import remove_voices

        if train_features is not None:
            start_from_principal_components(model, train_features, seed=seed)
            if voices:
                remove_voices(model, train_features, voices, seed=seed)


class VAEPreset(VariationalPreset):
    """Clips through a Gaussian, and new ones out of it."""

    name = "vae"
    title = "Variational autoencoder"
    description = "Give each clip a little cloud of numbers, draw new clips from where clouds may be"
    hyperparameters = VAEHyperparameters

    def networks(self, hyperparameters, shape, seed):
        from course_lib.models import aligned, networks

        kind, settings = hyperparameters.network, {"width": hyperparameters.width}
        latent_dim = hyperparameters.latent_dim
        if kind == "aligned":
            settings["exponent"] = EXPONENT
            voices = hyperparameters.voices
            return (
                aligned.aligned_encoder(
                    shape, latent_dim, spread=True, voices=voices, seed=2 * seed, **settings
                ),
                aligned.aligned_decoder(shape, latent_dim, pool=POOL, seed=2 * seed + 1, **settings),
            )
        return (
            getattr(networks, f"{kind}_encoder")(shape, 2 * latent_dim, seed=2 * seed, **settings),
            getattr(networks, f"{kind}_decoder")(shape, latent_dim, seed=2 * seed + 1, **settings),
        )


class Conv2DVAEPreset(VariationalPreset):
    """The convolutional system that an article calls contractive."""

    name = "conv2d_vae"
    title = "VAE of 2-D convolutions"
    description = "An article's 32, 64 and 128 filters of stride 2, with the loss that it lacked"
    hyperparameters = VariationalHyperparameters

    def networks(self, hyperparameters, shape, seed):
        from course_lib.models.networks import conv2d_decoder, conv2d_encoder

        latent_dim = hyperparameters.latent_dim
        return (
            conv2d_encoder(shape, 2 * latent_dim, width=128, depth=3, seed=2 * seed),
            conv2d_decoder(shape, latent_dim, width=128, depth=3, seed=2 * seed + 1),
        )


class DenseVAEPreset(VariationalPreset):
    """The dense system of the article on speech."""

    name = "dense_vae"
    title = "VAE of dense layers"
    description = "An article's 128, 64 and 32 units, with the sampling that it lacked"
    hyperparameters = VariationalHyperparameters
    widths = (128, 64)

    def networks(self, hyperparameters, shape, seed):
        from course_lib.models.pyramid_networks import pyramid_decoder, pyramid_encoder

        latent_dim = hyperparameters.latent_dim
        return (
            pyramid_encoder(shape, 2 * latent_dim, widths=self.widths, seed=2 * seed),
            pyramid_decoder(shape, latent_dim, widths=self.widths, seed=2 * seed + 1),
        )


class MFCCVAEPreset(DenseVAEPreset):
    """The system of the article that begins with one file and its MFCCs."""

    name = "mfcc_vae"
    title = "VAE of MFCCs"
    description = "An article's 40 MFCCs and 20 latents, from a data set instead of one file, and as sound"
    hyperparameters = MFCCVAEHyperparameters
    widths = (256, 128)
    representation: ClassVar[dict[str, Any]] = {"kind": "MFCC", "n_mels": 64, "n_mfcc": 40}
