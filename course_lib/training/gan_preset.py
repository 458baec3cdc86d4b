"""The presets of lab 05: clips made from noise, and of the class that is asked for."""

from __future__ import annotations

from typing import Literal

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

    def task(self, config, hyperparameters):
        from course_lib.training.tasks.generation import Generation
        from course_lib.training.training_data import load_training_data

        # Variation happens in front of the critic, for real and made clips alike.
        return Generation(load_training_data(config), conditional=self.conditional, whole_batches=True)

    def build(self, hyperparameters, shape, train_features=None, seed=0, architecture=None, classes=None):
        import keras

        from course_lib.layers.random_change import RandomChange
        from course_lib.models import gan_networks
        from course_lib.models.gan import GAN
        from course_lib.training.warm_average import WarmAdam

        self._refuse(architecture)
        settings = hyperparameters
        classes = classes if self.conditional else None
        generator = gan_networks.conv1d_generator(
            shape, settings.noise_dim, width=settings.width, classes=classes, seed=2 * seed
        )
        critic = gan_networks.conv1d_critic(
            shape,
            width=settings.critic_width,
            classes=classes,
            group=GROUP if settings.compare else 0,
            seed=2 * seed + 1,
        )
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

    def _refuse(self, architecture) -> None:
        if architecture is not None:
            raise ValueError(f"preset {self.name} takes no networks of yours; change its widths instead")


class ConditionalGANPreset(GANPreset):
    """Clips of the class that is asked for."""

    name = "conditional_gan"
    title = "Conditional GAN"
    description = "Say a digit, and hear one that nobody ever spoke"
    conditional = True
