"""The preset that repairs damaged sound, with a critic that listens or by regression alone."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from course_lib.training.hyperparameters import TrainingHyperparameters
from course_lib.training.preset import Preset

STRIDE = 2


class EnhancementHyperparameters(TrainingHyperparameters):
    """Settings of the preset ``enhancement``."""

    learning_rate: float = Field(
        1e-3,
        gt=0,
        le=1.0,
        description="Peak step size of the optimiser that repairs",
        json_schema_extra={"hint": "a game needs smaller steps than a fit", "scale": "log"},
    )
    batch_size: int = Field(16, ge=1, le=2048, description="Strings of words in one optimiser step")
    epochs: int = Field(
        15,
        ge=1,
        le=100_000,
        description="Passes over the training clips, each with fresh damage",
        json_schema_extra={"hint": "the learning rate decays over all of them"},
    )
    kind: Literal["noise", "clipping", "bandwidth"] = Field(
        "bandwidth",
        description="What has happened to the sound: white and pink noise, cut peaks, no high frequencies",
        json_schema_extra={"hint": "what is lost altogether cannot be known: there regression is dull"},
    )
    adversarial_weight: float = Field(
        0.005,
        ge=0,
        le=10,
        description="How much the critic's opinion counts beside the distance to the clean sound",
        json_schema_extra={"hint": "0 trains by regression alone, without a critic: compare the two"},
    )
    matching_weight: float = Field(
        0.01,
        ge=0,
        le=10,
        description="How much it counts that the critic's hidden layers hear the same",
    )
    loss: Literal["minimax", "non_saturating", "least_squares", "hinge", "wasserstein"] = Field(
        "hinge", description="What the two players want"
    )
    voices: int = Field(
        8,
        ge=1,
        le=32,
        description="Versions of each training voice, at other speeds and with other formants",
        json_schema_extra={"hint": "with 1 the network learns few throats by heart"},
    )
    width: int = Field(
        128, ge=4, le=1024, description="Channels between the blocks", json_schema_extra={"scale": "log"}
    )
    inner: int = Field(
        64, ge=4, le=1024, description="Channels inside a block", json_schema_extra={"scale": "log"}
    )
    critic_width: int = Field(
        48, ge=4, le=1024, description="Channels of the critic", json_schema_extra={"scale": "log"}
    )
    average: float = Field(
        0.99,
        ge=0,
        le=0.9999,
        description="Memory of the running average of the weights, which is what is heard; 0 for none",
    )


class EnhancementPreset(Preset):
    """Damaged sound, repaired."""

    name = "enhancement"
    title = "Adversarial enhancement"
    description = "Noise, clipping or a narrow band undone, with a critic that knows how whole sound sounds"
    hyperparameters = EnhancementHyperparameters
    verbs = ("enhance",)
    dilations = (1, 2, 4, 8, 16)
    n_fft, hop_length = 256, 64

    def task(self, config, hyperparameters):
        from course_lib.training.tasks.enhancement import enhancement

        return enhancement(
            config,
            voices=hyperparameters.voices if hyperparameters.augment else 1,
            seed=config["seed"],
            adversarial=hyperparameters.adversarial_weight > 0,
            kind=hyperparameters.kind,
            n_fft=self.n_fft,
            hop_length=self.hop_length,
        )

    def build(self, hyperparameters, shape, train_features=None, seed=0, architecture=None):
        from course_lib.models.enhancement import Enhancer
        from course_lib.models.enhancement_networks import enhancement_critic, enhancement_network

        if architecture is not None:
            raise ValueError(f"preset {self.name} takes no networks of yours; change its widths instead")
        settings, bins = hyperparameters, shape[1] // 2
        critic = None
        if settings.adversarial_weight > 0:
            critic = enhancement_critic(bins, width=settings.critic_width, seed=2 * seed + 1)
        model = Enhancer(
            enhancement_network(
                bins,
                width=settings.width,
                inner=settings.inner,
                dilations=self.dilations,
                stride=STRIDE,
                seed=2 * seed,
            ),
            critic,
            n_fft=self.n_fft,
            hop_length=self.hop_length,
            stride=STRIDE,
            loss=settings.loss,
            adversarial_weight=settings.adversarial_weight,
            matching_weight=settings.matching_weight,
            seed=seed,
        )
        return self._finish(model, settings)

    def _finish(self, model, settings):
        import keras

        from course_lib.losses.separation import compressed_error
        from course_lib.training.warm_average import WarmAdam

        average = {"use_ema": True, "ema_momentum": settings.average, "ema_overwrite_frequency": None}
        optimizer = WarmAdam(
            settings.learning_rate, global_clipnorm=3.0, **(average if settings.average else {})
        )
        if model.critic is None:
            model.compile(optimizer=optimizer, loss=compressed_error)
        else:
            model.turns(keras.optimizers.Adam(settings.learning_rate, beta_1=0.5, beta_2=0.99), optimizer)
        return model
