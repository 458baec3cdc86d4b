"""The preset that fills gaps: lost packets, cut-out coughs."""

from __future__ import annotations

from pydantic import Field, model_validator

from course_lib.training.hyperparameters import TrainingHyperparameters
from course_lib.training.preset import Preset

# Half of the loss is about what is loud, half about every bin of the logarithm.
EXPONENT, LOG_WEIGHT = 0.3, 0.5


class InpaintingHyperparameters(TrainingHyperparameters):
    """Settings of the preset ``inpainting``."""

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
        description="Passes over the training clips, each with other gaps",
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
        128, ge=4, le=1024, description="Channels between the blocks", json_schema_extra={"scale": "log"}
    )
    inner: int = Field(
        64, ge=4, le=1024, description="Channels inside a block", json_schema_extra={"scale": "log"}
    )
    shortest_gap: float = Field(0.02, ge=0.005, le=0.25, description="Shortest gap in seconds")
    longest_gap: float = Field(
        0.1,
        ge=0.005,
        le=0.25,
        description="Longest gap in seconds",
        json_schema_extra={"hint": "20 ms can be drawn on; 100 ms must be invented"},
    )
    percent: float = Field(40.0, ge=5, le=80, description="Largest share of the sound that is missing, in %")

    @model_validator(mode="after")
    def _bounds_in_order(self):
        if self.shortest_gap > self.longest_gap:
            raise ValueError(
                f"shortest_gap must not lie above longest_gap; received {self.shortest_gap:g} and "
                f"{self.longest_gap:g} s"
            )
        return self


class InpaintingPreset(Preset):
    """Sound where packets were lost."""

    name = "inpainting"
    title = "Filling gaps"
    description = "Packets of a call are lost: hear what the sound on both sides says of them"
    hyperparameters = InpaintingHyperparameters
    verbs = ("inpaint",)
    dilations = (1, 2, 4, 8, 16)
    n_fft, hop_length = 256, 64
    smallest_percent = 5.0

    def task(self, config, hyperparameters):
        from course_lib.training.tasks.inpainting import inpainting

        return inpainting(
            config,
            voices=hyperparameters.voices if hyperparameters.augment else 1,
            seed=config["seed"],
            n_fft=self.n_fft,
            hop_length=self.hop_length,
            percent=(self.smallest_percent, hyperparameters.percent),
            gap_seconds=(hyperparameters.shortest_gap, hyperparameters.longest_gap),
        )

    def build(self, hyperparameters, shape, train_features=None, seed=0, architecture=None):
        from course_lib.models.inpainting import Inpainter
        from course_lib.models.inpainting_network import inpainting_network

        if architecture is not None:
            raise ValueError(f"preset {self.name} takes no networks of yours; change its widths instead")
        network = inpainting_network(
            shape[1] // 2,
            width=hyperparameters.width,
            inner=hyperparameters.inner,
            dilations=self.dilations,
            seed=seed,
        )
        model = Inpainter(network, n_fft=self.n_fft, hop_length=self.hop_length)
        return self._compile(model, hyperparameters)

    def _compile(self, model, hyperparameters):
        import numpy as np

        from course_lib.audio.restore.gap_frames import FLOOR
        from course_lib.losses.reconstruction import loudness_error
        from course_lib.training.warm_average import WarmAdam

        silence = np.full(1 + self.n_fft // 2, np.log(FLOOR), np.float32)

        def loss(target, estimate):
            gain = float(FLOOR**EXPONENT)
            return loudness_error(
                target, estimate, floor=silence, gain=gain, exponent=EXPONENT, log_weight=LOG_WEIGHT
            )

        optimizer = WarmAdam(
            hyperparameters.learning_rate,
            global_clipnorm=3.0,
            use_ema=True,
            ema_momentum=0.99,
            ema_overwrite_frequency=None,
        )
        model.compile(optimizer=optimizer, loss=loss)
        return model
