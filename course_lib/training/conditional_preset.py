"""The preset of lab 03: out of two voices, the one that is asked for."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from course_lib.training.masking_presets import MaskingHyperparameters, MaskingPreset


class SeparationHyperparameters(MaskingHyperparameters):
    """What every separation has."""

    batch_size: int = Field(
        16, ge=1, le=1024, description="Mixtures in one optimiser step, each asked for both sounds"
    )
    epochs: int = Field(
        30,
        ge=1,
        le=100_000,
        description="Passes over the training clips, each in fresh mixtures",
        json_schema_extra={"hint": "the learning rate decays over all of them"},
    )
    fusion: Literal["film", "concatenate"] = Field(
        "film",
        description="How the network is told what is wanted: every block is scaled and shifted by it, or "
        "gets it as further channels",
    )
    width: int = Field(
        256, ge=4, le=1024, description="Channels between the blocks", json_schema_extra={"scale": "log"}
    )
    inner: int = Field(
        128, ge=4, le=1024, description="Channels inside a block", json_schema_extra={"scale": "log"}
    )


class ConditionalHyperparameters(SeparationHyperparameters):
    """Settings of the preset ``conditional``."""

    condition: Literal["digit", "speaker"] = Field(
        "digit",
        description="What is asked for: a word, whoever says it, or a voice that was heard in training",
        json_schema_extra={"hint": "by speaker, single takes are held out instead of people"},
    )


class SeparationPreset(MaskingPreset):
    """What every separation does alike; subclasses say what is mixed."""

    conditional = True
    verbs = ("separate",)
    dilations = (1, 2, 4, 8, 1, 2, 4, 8)
    stride = 2
    n_fft, hop_length = 512, 128

    def build(self, hyperparameters, shape, train_features=None, seed=0, architecture=None, classes=None):
        from course_lib.models.conditional import ConditionalSeparator

        self._refuse(architecture)
        network = self._network(hyperparameters, shape, seed, classes=classes, fusion=hyperparameters.fusion)
        model = ConditionalSeparator(
            network, n_fft=self.n_fft, hop_length=self.hop_length, stride=self.stride
        )
        return self._finish(model, hyperparameters)

    def _pairs(self, config: dict[str, Any], hyperparameters) -> dict[str, Any]:
        """What the tasks of all separations want to know."""
        return {
            "voices": self._voices(hyperparameters),
            "seed": config["seed"],
            "n_fft": self.n_fft,
            "hop_length": self.hop_length,
        }


class ConditionalPreset(SeparationPreset):
    """Out of two voices, the one that says what was asked for, or whose it is."""

    name = "conditional"
    title = "Conditional autoencoder"
    description = "Two people speak at once; ask for a digit, and hear only who says it"
    hyperparameters = ConditionalHyperparameters

    def task(self, config, hyperparameters):
        from course_lib.training.tasks.separation import separation

        return separation(
            config,
            condition=hyperparameters.condition,
            drift=self._drift(hyperparameters),
            **self._pairs(config, hyperparameters),
        )
