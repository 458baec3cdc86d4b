"""What the presets of labs 02 and 03 share, which let part of a spectrum through; and denoising."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from course_lib.training.hyperparameters import TrainingHyperparameters
from course_lib.training.preset import Preset

# Every example is in voices at other speeds than ever before, by up to this factor beside their own.
DRIFT = 1.1


class MaskingHyperparameters(TrainingHyperparameters):
    """What all of them have."""

    learning_rate: float = Field(
        2e-3,
        gt=0,
        le=1.0,
        description="Peak step size of the optimiser, after the warm-up and before the cosine decay",
        json_schema_extra={"hint": "ten times more diverges, ten times less crawls", "scale": "log"},
    )
    voices: int = Field(
        8,
        ge=1,
        le=32,
        description="Versions of each training voice, at other speeds and with other formants",
        json_schema_extra={"hint": "with 1 the network learns few throats by heart"},
    )
    width: int = Field(
        160, ge=4, le=1024, description="Channels between the blocks", json_schema_extra={"scale": "log"}
    )
    inner: int = Field(
        64, ge=4, le=1024, description="Channels inside a block", json_schema_extra={"scale": "log"}
    )


class DenoisingHyperparameters(MaskingHyperparameters):
    """Settings of the preset ``denoising``."""

    batch_size: int = Field(16, ge=1, le=2048, description="Strings of words in one optimiser step")
    epochs: int = Field(
        37,
        ge=1,
        le=100_000,
        description="Passes over the training clips, each with fresh noise",
        json_schema_extra={"hint": "the learning rate decays over all of them"},
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


class MaskingPreset(Preset):
    """What all of them do alike."""

    dilations: tuple[int, ...]
    stride: int = 2
    n_fft: int
    hop_length: int

    def _voices(self, hyperparameters) -> int:
        return hyperparameters.voices if hyperparameters.augment else 1

    def _drift(self, hyperparameters) -> float:
        return DRIFT if hyperparameters.augment else 1.0

    def _network(self, hyperparameters, shape, seed: int, **more: Any):
        from course_lib.models.masking import masking_network

        return masking_network(
            shape[1] // 2,
            width=hyperparameters.width,
            inner=hyperparameters.inner,
            dilations=self.dilations,
            stride=self.stride,
            seed=seed,
            **more,
        )

    def _finish(self, model, hyperparameters, loss=None):
        from course_lib.losses.masking import masking_loss
        from course_lib.training.warm_muon import WarmMuon

        optimizer = WarmMuon(
            hyperparameters.learning_rate,
            # What comes out last has no hidden layer behind it: Muon's authors leave it to Adam.
            exclude_layers=["mask"],
            weight_decay=None,
            adam_weight_decay=None,
            adam_beta_2=0.99,
            global_clipnorm=3.0,
            use_ema=True,
            ema_momentum=0.995,
            ema_overwrite_frequency=None,
        )
        model.compile(optimizer=optimizer, loss=loss or masking_loss)
        return model

    def _refuse(self, architecture) -> None:
        if architecture is not None:
            raise ValueError(f"preset {self.name} takes no networks of yours; change its widths instead")


class DenoisingPreset(MaskingPreset):
    """A voice out of noise."""

    name = "denoising"
    title = "Denoising autoencoder"
    description = "Let the voice through a noisy recording, and hear what is lost with the noise"
    hyperparameters = DenoisingHyperparameters
    verbs = ("denoise",)
    dilations = (1, 2, 4, 8, 16, 32, 64)
    stride = 1
    # 64 ms tell the harmonics of a low voice apart, and so two voices.
    n_fft, hop_length = 512, 128

    def task(self, config, hyperparameters):
        from course_lib.training.tasks.denoising import denoising

        if hyperparameters.lowest_snr > hyperparameters.highest_snr:
            raise ValueError(
                f"lowest_snr must not lie above highest_snr; received {hyperparameters.lowest_snr:g} and "
                f"{hyperparameters.highest_snr:g} dB"
            )
        return denoising(
            config,
            voices=self._voices(hyperparameters),
            drift=self._drift(hyperparameters),
            seed=config["seed"],
            n_fft=self.n_fft,
            hop_length=self.hop_length,
            snr_db=(hyperparameters.lowest_snr, hyperparameters.highest_snr),
            babble=hyperparameters.babble,
        )

    def build(self, hyperparameters, shape, train_features=None, seed=0, architecture=None):
        from course_lib.losses.masking import denoising_loss
        from course_lib.models.denoising import Denoiser

        self._refuse(architecture)
        network = self._network(hyperparameters, shape, seed)
        model = Denoiser(network, n_fft=self.n_fft, hop_length=self.hop_length, stride=self.stride)
        return self._finish(model, hyperparameters, denoising_loss)
