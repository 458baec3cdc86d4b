"""The preset of lab 06: notes by other instruments and at other pitches."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from course_lib.training.hyperparameters import TrainingHyperparameters
from course_lib.training.preset import Preset

# Windows of 64 ms: the harmonics of the lowest note, C2, lie 65 Hz apart, and 64 mel bands of a window of
# 32 ms, which serve for speech, show none of them.
REPRESENTATION = {"kind": "LogSTFT", "n_fft": 512, "hop_length": 128, "floor_db": -70.0}


class VAENotesHyperparameters(TrainingHyperparameters):
    """Settings of the preset ``vae_notes``."""

    learning_rate: float = Field(
        2e-3,
        gt=0,
        le=1.0,
        description="Peak step size of the optimiser, after the warm-up and before the cosine decay",
        json_schema_extra={"hint": "ten times more diverges, ten times less crawls", "scale": "log"},
    )
    batch_size: int = Field(32, ge=1, le=2048, description="Notes in one optimiser step")
    epochs: int = Field(
        30,
        ge=1,
        le=100_000,
        description="Passes over the training notes",
        json_schema_extra={"hint": "the learning rate decays over all of them"},
    )
    augment: bool = Field(True, description="Vary in each epoch where notes begin and how loud they are")
    latent_dim: int = Field(
        8,
        ge=1,
        le=1024,
        description="Numbers that say how a note is played, beside its instrument and its pitch",
        json_schema_extra={"hint": "the fewer, the less of the old instrument is left", "scale": "log"},
    )
    fusion: Literal["film", "concatenate"] = Field(
        "film",
        description="How the decoder is told instrument and pitch: they scale and shift each block, or are "
        "further channels of it",
    )
    width: int = Field(
        192, ge=4, le=1024, description="Channels of a convolution", json_schema_extra={"scale": "log"}
    )
    beta: float = Field(
        10.0,
        ge=0,
        le=1000,
        description="Weight of the divergence from the prior of each condition; 1 is the evidence bound",
        json_schema_extra={"hint": "at 1 latents tell single recordings apart, and conversions fall between"},
    )


class VAENotesPreset(Preset):
    """A variational autoencoder that is told the instrument and the pitch."""

    name = "vae_notes"
    title = "VAE of notes"
    description = "Play a note, then hear it from another instrument, or at another pitch"
    hyperparameters = VAENotesHyperparameters
    dataset = "notes"
    style = "note"
    conditional = True
    verbs = ("convert", "sample", "interpolate", "reconstruct")
    representation: ClassVar[dict[str, Any]] = REPRESENTATION

    def task(self, config, hyperparameters):
        from course_lib.training.tasks.notes import Notes

        return Notes(config, representation=self.representation, augment=hyperparameters.augment)

    def asked(self, config):
        return {"classes": sum(len(values) for values in config["conditions"].values())}

    def build(self, hyperparameters, shape, train_features=None, seed=0, architecture=None, classes=None):
        from course_lib.models.conditional_vae import ConditionalVAE, condition_prior
        from course_lib.models.note_networks import note_decoder, note_encoder
        from course_lib.training.warm_average import WarmAdam

        if architecture is not None:
            raise ValueError(f"preset {self.name} takes no networks of yours; change its widths instead")
        settings, latent_dim = hyperparameters, hyperparameters.latent_dim
        model = ConditionalVAE(
            note_encoder(shape, 2 * latent_dim, width=settings.width, seed=3 * seed),
            note_decoder(
                shape,
                latent_dim,
                classes,
                width=settings.width,
                fusion=settings.fusion,
                seed=3 * seed + 1,
            ),
            condition_prior(classes, latent_dim, seed=3 * seed + 2),
            beta=settings.beta,
            seed=seed,
        )
        if train_features is not None:
            model.decoder.get_layer("silence").adapt(train_features)
        # The loss is a sum over some ten thousand numbers: without a limit the first steps are leaps.
        optimizer = WarmAdam(
            settings.learning_rate,
            clipnorm=1000.0,
            use_ema=True,
            ema_momentum=0.99,
            ema_overwrite_frequency=None,
        )
        model.compile(optimizer=optimizer)
        return model
