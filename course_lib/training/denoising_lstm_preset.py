"""The recurrent denoiser of an article on autoencoders for sound, corrected."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from course_lib.training.hyperparameters import TrainingHyperparameters
from course_lib.training.preset import Preset

STRIDE = 4
# A ratio at which nothing is left of a noise.
NO_NOISE_DB = 80.0


class DenoisingLSTMHyperparameters(TrainingHyperparameters):
    """Settings of the preset ``denoising_lstm``."""

    learning_rate: float = Field(
        2e-3,
        gt=0,
        le=1.0,
        description="Peak step size of the optimiser, after the warm-up and before the cosine decay",
        json_schema_extra={"hint": "ten times more diverges, ten times less crawls", "scale": "log"},
    )
    batch_size: int = Field(16, ge=1, le=2048, description="Strings of words in one optimiser step")
    epochs: int = Field(
        15,
        ge=1,
        le=100_000,
        description="Passes over the training clips, each with fresh noise",
        json_schema_extra={"hint": "the learning rate decays over all of them"},
    )
    voices: int = Field(
        8,
        ge=1,
        le=32,
        description="Versions of each training voice, at other speeds and with other formants",
        json_schema_extra={"hint": "with 1 the network learns few throats by heart"},
    )
    width: int = Field(
        96,
        ge=2,
        le=512,
        description="Numbers of memory in each direction",
        json_schema_extra={"scale": "log"},
    )
    latent_dim: int = Field(
        48,
        ge=1,
        le=512,
        description="Numbers of the code of 32 ms",
        json_schema_extra={"hint": "few cannot hold the noise, very few not the voice", "scale": "log"},
    )
    predicts: Literal["mask", "features"] = Field(
        "mask",
        description="A share of every bin that is let through, or the clean magnitudes themselves",
        json_schema_extra={"hint": "features can draw what noise has covered, and invent what was not there"},
    )
    noise: bool = Field(
        True,
        description="Noise is added to the sound; without it only the corruption of the features is undone",
    )
    lowest_snr: float = Field(-4.0, ge=-20, le=30, description="Loudest noise, as a ratio in dB")
    highest_snr: float = Field(6.0, ge=-20, le=30, description="Faintest noise, as a ratio in dB")
    babble: float = Field(
        0.5,
        ge=0,
        le=1,
        description="Share of the examples under other voices; the rest get white or coloured noise",
        json_schema_extra={"hint": "0 trains on noise alone: then hear what it does to babble"},
    )
    corruption: Literal[
        "none",
        "gaussian",
        "uniform",
        "masking",
        "salt_and_pepper",
        "dropped_frames",
        "dropped_bands",
        "band_limit",
    ] = Field(
        "none",
        description="What else is done to the features that are heard, in training",
        json_schema_extra={"hint": "masking or salt_and_pepper without noise is the classical autoencoder"},
    )
    severity: float = Field(
        0.3, ge=0, le=1, description="How much of it: a share of the features, or the size of what is added"
    )

    @model_validator(mode="after")
    def _something_to_undo(self):
        if not self.noise and self.corruption == "none":
            raise ValueError(
                "corruption must not be none without noise: there would be nothing to undo; choose masking, "
                "or set noise=true"
            )
        if not self.noise and self.predicts == "mask":
            raise ValueError(
                "predicts must be features without noise: a mask on an undamaged spectrum is 1 everywhere"
            )
        return self


class DenoisingLSTMPreset(Preset):
    """A voice out of noise, by a network that remembers."""

    name = "denoising_lstm"
    title = "Recurrent denoising autoencoder"
    description = "An article's LSTM denoiser: a code at every step, and the phase of what was heard"
    hyperparameters = DenoisingLSTMHyperparameters
    verbs = ("denoise",)
    n_fft, hop_length = 256, 64

    def task(self, config, hyperparameters):
        from course_lib.training.tasks.denoising import denoising

        settings = hyperparameters
        if settings.lowest_snr > settings.highest_snr:
            raise ValueError(
                f"lowest_snr must not lie above highest_snr; received {settings.lowest_snr:g} and "
                f"{settings.highest_snr:g} dB"
            )
        snr_db = (settings.lowest_snr, settings.highest_snr) if settings.noise else (NO_NOISE_DB, NO_NOISE_DB)
        return denoising(
            config,
            voices=settings.voices if settings.augment else 1,
            seed=config["seed"],
            n_fft=self.n_fft,
            hop_length=self.hop_length,
            snr_db=snr_db,
            babble=settings.babble if settings.noise else 0.0,
        )

    def build(self, hyperparameters, shape, train_features=None, seed=0, architecture=None):
        from course_lib.layers.corruption import Corruption
        from course_lib.models.denoising import Denoiser
        from course_lib.models.recurrent_masking import recurrent_masking_network

        if architecture is not None:
            raise ValueError(f"preset {self.name} takes no networks of yours; change its widths instead")
        settings, corruption = hyperparameters, None
        if settings.corruption != "none":
            # Nothing is heard where a compressed magnitude is 0.
            corruption = Corruption(settings.corruption, settings.severity, fill=0.0, seed=seed)
        network = recurrent_masking_network(
            shape[1] // 2,
            width=settings.width,
            latent_dim=settings.latent_dim,
            stride=STRIDE,
            predicts=settings.predicts,
            corruption=corruption,
            seed=seed,
        )
        model = Denoiser(network, n_fft=self.n_fft, hop_length=self.hop_length, stride=STRIDE)
        return self._compile(model, settings)

    def _compile(self, model, settings):
        from course_lib.losses.masking import masking_loss
        from course_lib.losses.separation import compressed_error
        from course_lib.training.warm_average import WarmAdam

        def magnitude_error(target, estimate):
            return compressed_error(target, estimate, phase_weight=0.0)

        optimizer = WarmAdam(
            settings.learning_rate,
            global_clipnorm=3.0,
            use_ema=True,
            ema_momentum=0.99,
            ema_overwrite_frequency=None,
        )
        model.compile(
            optimizer=optimizer, loss=masking_loss if settings.predicts == "mask" else magnitude_error
        )
        return model
