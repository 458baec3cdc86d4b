"""The presets of lab 05: clips made from noise, and of the class that is asked for."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field, model_validator

from course_lib.training.hyperparameters import TrainingHyperparameters
from course_lib.training.preset import Preset

# The losses whose critic tells labels apart, so that a label can be smoothed.
LABELLED = ("minimax", "non_saturating", "least_squares")
# The critic compares so many clips with each other; every batch is made of whole groups.
GROUP = 4


class GANHyperparameters(TrainingHyperparameters):
    """Settings of the presets ``gan`` and ``conditional_gan``."""

    learning_rate: float = Field(
        4e-4,
        gt=0,
        le=1.0,
        description="Peak step size of the generator's optimiser",
        json_schema_extra={"hint": "a game needs smaller steps than a fit", "scale": "log"},
    )
    batch_size: int = Field(
        64, ge=GROUP, le=2048, multiple_of=GROUP, description="Clips in one turn; a multiple of 4"
    )
    epochs: int = Field(
        100,
        ge=1,
        le=100_000,
        description="Passes over the training clips",
        json_schema_extra={"hint": "speech-like after some tens, better for hundreds"},
    )
    loss: Literal["minimax", "non_saturating", "least_squares", "hinge", "wasserstein"] = Field(
        "hinge",
        description="What the two players want",
        json_schema_extra={"hint": "minimax gives up when the critic is sure; that is the lesson"},
    )
    noise_dim: int = Field(64, ge=1, le=1024, description="Numbers that a clip is made from")
    width: int = Field(
        160, ge=4, le=1024, description="Channels of the generator", json_schema_extra={"scale": "log"}
    )
    critic_width: int = Field(
        96, ge=4, le=1024, description="Channels of the critic", json_schema_extra={"scale": "log"}
    )
    critic_steps: int = Field(1, ge=1, le=10, description="Turns of the critic for one of the generator")
    critic_rate: float = Field(
        1.0,
        gt=0,
        le=100,
        description="Step size of the critic, in those of the generator",
        json_schema_extra={"hint": "far above 1 the critic wins and the generator learns nothing"},
    )
    label_smoothing: float = Field(
        0.0,
        ge=0,
        le=0.45,
        description="By how much the critic's label of a real clip is lowered",
        json_schema_extra={"hint": "for losses with labels: minimax, non_saturating, least_squares"},
    )
    compare: bool = Field(
        True,
        description="The critic sees how much the clips of a batch differ, so that making one clip only "
        "does not pay",
    )
    average: float = Field(
        0.99,
        ge=0,
        le=0.9999,
        description="Memory of the running average of the generator's weights, which is what is heard; 0 "
        "for none",
    )

    @model_validator(mode="after")
    def _labels_to_smooth(self):
        if self.label_smoothing and self.loss not in LABELLED:
            raise ValueError(
                f"label_smoothing must be 0 with the {self.loss} loss, which has no labels; it is for "
                f"{', '.join(LABELLED)}"
            )
        return self


class GANPreset(Preset):
    """Clips from noise."""

    name = "gan"
    title = "Generative adversarial network"
    description = "A generator against a critic: spoken digits out of noise"
    hyperparameters = GANHyperparameters
    conditional = False
    verbs = ("sample",)

    def task(self, config, hyperparameters):
        from course_lib.training.tasks.generation import Generation
        from course_lib.training.training_data import load_training_data

        # Variation happens in front of the critic, for real and made clips alike.
        data = load_training_data(config, representation=self.representation)
        return Generation(data, conditional=self.conditional, whole_batches=True)

    def build(self, hyperparameters, shape, train_features=None, seed=0, architecture=None, classes=None):
        import keras

        from course_lib.layers.random_change import RandomChange
        from course_lib.models.gan import GAN
        from course_lib.training.warm_average import WarmAdam

        self._refuse(architecture)
        settings = hyperparameters
        generator, critic = self.networks(settings, shape, seed, classes if self.conditional else None)
        model = GAN(
            generator,
            critic,
            loss=settings.loss,
            label_smoothing=settings.label_smoothing,
            augment=RandomChange(seed=seed) if settings.augment else None,
            critic_steps=settings.critic_steps,
            seed=seed,
        )
        average = {"use_ema": True, "ema_momentum": settings.average, "ema_overwrite_frequency": None}
        critic_turn, _ = model.turns(
            keras.optimizers.Adam(settings.learning_rate * settings.critic_rate, beta_1=0.5, beta_2=0.99),
            WarmAdam(
                settings.learning_rate, beta_1=0.5, beta_2=0.99, **(average if settings.average else {})
            ),
        )
        critic_turn.rate_factor = settings.critic_rate
        return model

    def networks(self, hyperparameters, shape, seed: int, classes: int | None):
        """(generator, critic)."""
        from course_lib.models.gan_networks import conv1d_critic, conv1d_generator

        generator = conv1d_generator(
            shape, hyperparameters.noise_dim, width=hyperparameters.width, classes=classes, seed=2 * seed
        )
        critic = conv1d_critic(
            shape,
            width=hyperparameters.critic_width,
            classes=classes,
            group=GROUP if hyperparameters.compare else 0,
            seed=2 * seed + 1,
        )
        return generator, critic

    def _refuse(self, architecture) -> None:
        if architecture is not None:
            raise ValueError(f"preset {self.name} takes no networks of yours; change its widths instead")


class ConditionalGANPreset(GANPreset):
    """Clips of the class that is asked for."""

    name = "conditional_gan"
    title = "Conditional GAN"
    description = "Say a digit, and hear one that nobody ever spoke"
    conditional = True


class DenseGANHyperparameters(TrainingHyperparameters):
    """Settings of the preset ``dense_gan``: those of the article."""

    learning_rate: float = Field(
        2e-4,
        gt=0,
        le=1.0,
        description="Step size of both optimisers",
        json_schema_extra={"hint": "a game needs smaller steps than a fit", "scale": "log"},
    )
    batch_size: int = Field(100, ge=GROUP, le=2048, description="Clips in one turn")
    epochs: int = Field(40, ge=1, le=100_000, description="Passes over the training clips")
    augment: bool = Field(False, description="Vary real and made clips alike in front of the critic")
    loss: Literal["minimax", "non_saturating", "least_squares"] = Field(
        "non_saturating", description="What the two players want"
    )
    noise_dim: int = Field(100, ge=1, le=1024, description="Numbers that a clip is made from")
    label_smoothing: float = Field(
        0.0, ge=0, le=0.45, description="By how much the critic's label of a real clip is lowered"
    )
    critic_steps: ClassVar[int] = 1
    critic_rate: ClassVar[float] = 1.0
    average: ClassVar[float] = 0.0


class DenseGANPreset(GANPreset):
    """The dense system of the article on spoken digits."""

    name = "dense_gan"
    title = "GAN of dense layers"
    description = (
        "An article's 256 and 512 units, with a critic that hears real clips and a generator that learns"
    )
    hyperparameters = DenseGANHyperparameters
    # 128 frames of 10 bands: its 1,280 numbers.
    representation: ClassVar[dict[str, Any]] = {"kind": "LogMelSpectrogram", "n_mels": 10}

    def networks(self, hyperparameters, shape, seed, classes):
        from course_lib.models.gan_networks import dense_critic, dense_generator

        return (
            dense_generator(shape, hyperparameters.noise_dim, seed=2 * seed),
            dense_critic(shape, seed=2 * seed + 1),
        )
