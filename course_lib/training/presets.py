"""Named trainings: settings, network, loss, augmentation. Only ``build`` imports Keras."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import ValidationError

from course_lib.training.hyperparameters import (
    AutoencoderHyperparameters,
    TrainingHyperparameters,
    describe_fields,
)

if TYPE_CHECKING:
    import keras

    from course_lib.training.tasks.task import Task

Augment = Callable[[np.ndarray, np.random.Generator], np.ndarray]


class Preset:
    """A training that has a name. Subclasses give ``build`` and, where it helps, ``augment``."""

    name: str
    title: str
    description: str
    hyperparameters: type[TrainingHyperparameters]

    def parse(self, overrides: Mapping[str, Any] | None = None) -> TrainingHyperparameters:
        """Hyperparameters from text or values, defaults for the rest.

        Raises
        ------
        ValueError
            An unknown field or a value out of range; the message lists what is valid.
        """
        overrides = dict(overrides or {})
        known = list(self.hyperparameters.model_fields)
        for field in overrides:
            if field not in known:
                near = difflib.get_close_matches(field, known, n=1)
                guess = f" (did you mean {near[0]}?)" if near else ""
                raise ValueError(
                    f"preset {self.name} has no setting {field!r}{guess}; expected one of {', '.join(known)}"
                )
        try:
            return self.hyperparameters.model_validate(overrides)
        except ValidationError as error:
            raise ValueError("; ".join(map(self._explain, error.errors()))) from error

    def _explain(self, problem: Any) -> str:
        name = str(problem["loc"][0]) if problem["loc"] else self.name
        received = problem.get("input")
        row = next((row for row in self.fields() if row["name"] == name), None)
        if row is None:
            return f"{name}: {problem['msg']}"
        if row["choices"]:
            return f"{name} must be one of {', '.join(row['choices'])}; received {received}"
        kind = {"integer": "a whole number", "number": "a number", "boolean": "true or false"}.get(
            row["type"], "text"
        )
        bounds = ""
        if row["minimum"] is not None and row["maximum"] is not None:
            low = "above" if problem["type"] == "greater_than" else "from"
            bounds = f" {low} {row['minimum']} to {row['maximum']}"
        return f"{name} must be {kind}{bounds}; received {received}"

    def fields(self) -> list[dict[str, Any]]:
        """One dict a setting: name, type, description, default, minimum, maximum, choices, hint, scale."""
        return describe_fields(self.hyperparameters)

    def task(self, config: dict[str, Any], hyperparameters: TrainingHyperparameters) -> Task:
        """What is trained on: the data that a run's ``config.json`` names, as this preset uses them.

        Raises
        ------
        RunError, ValueError, FileNotFoundError
            As :func:`course_lib.training.training_data.load_training_data`.
        """
        from course_lib.training.tasks.reconstruction import Reconstruction
        from course_lib.training.training_data import load_training_data

        return Reconstruction(load_training_data(config), self.augment(hyperparameters))

    def build(
        self,
        hyperparameters: TrainingHyperparameters,
        shape: tuple[int, ...],
        train_features: np.ndarray | None = None,
        seed: int = 0,
        architecture: dict[str, Any] | None = None,
    ) -> keras.Model:
        """A compiled model.

        Parameters
        ----------
        shape : tuple of int
            What the network reads of one example: frames and bands of one clip, unless the task says else.
        train_features : np.ndarray, shape (clips, frames, bands), optional
            For an initialisation that looks at the data. None when weights will be loaded over it.
        seed : int
            Seeds the initial weights.
        architecture : dict, optional
            ``{"encoder": config, "decoder": config}``: networks from a notebook replace the preset's.
        """
        raise NotImplementedError

    def augment(self, hyperparameters: TrainingHyperparameters) -> Augment | None:
        """``(features (batch, frames, bands), rng) -> features``, applied to input and target, or None."""
        return None


# Copies of the training clips in which principal components see more voices than there are.
VARIED_COPIES = 3


class AutoencoderPreset(Preset):
    """Reconstruct a spoken digit from ``latent_dim`` numbers."""

    name = "autoencoder"
    title = "Autoencoder"
    description = "Squeeze a spoken digit through a few numbers and listen to what comes out"
    hyperparameters = AutoencoderHyperparameters

    def build(self, hyperparameters, shape, train_features=None, seed=0, architecture=None):
        from course_lib.models.autoencoder import Autoencoder

        if architecture is None:
            encoder, decoder = self._networks(hyperparameters, shape, seed)
        else:
            from course_lib.training.architecture import build_network

            encoder = build_network(architecture["encoder"], "encoder", input_shape=shape)
            decoder = build_network(architecture["decoder"], "decoder", output_shape=shape)
        model = Autoencoder(encoder, decoder)
        if architecture is None and hyperparameters.network == "aligned":
            self._prepare_aligned(model, hyperparameters, train_features, seed)
        else:
            self._compile(model, hyperparameters)
        return model

    def augment(self, hyperparameters):
        if not hyperparameters.augment:
            return None
        from course_lib.data.augment import vary_voice

        return vary_voice

    def _networks(self, hyperparameters, shape, seed):
        from course_lib.models import aligned, networks

        kind = hyperparameters.network
        room = aligned if kind == "aligned" else networks
        settings = {"latent_dim": hyperparameters.latent_dim, "width": hyperparameters.width}
        return (
            getattr(room, f"{kind}_encoder")(shape, seed=2 * seed, **settings),
            getattr(room, f"{kind}_decoder")(shape, seed=2 * seed + 1, **settings),
        )

    def _compile(self, model, hyperparameters):
        import keras

        from course_lib.losses.reconstruction import mean_absolute

        model.compile(optimizer=keras.optimizers.Adam(hyperparameters.learning_rate), loss=mean_absolute)

    def _prepare_aligned(self, model, hyperparameters, train_features, seed):
        """Start from principal components; train what is beside them, judged by loudness."""
        import keras

        from course_lib.losses.reconstruction import loudness_error
        from course_lib.models.principal import start_from_principal_components

        if train_features is not None:
            varied = self._varied(train_features, hyperparameters, seed)
            start_from_principal_components(model, varied, seed=seed)
        ear = model.encoder.get_layer("loudness")

        def loss(target, estimate):
            return loudness_error(target, estimate, floor=ear.floor, gain=ear.gain, exponent=ear.exponent)

        optimizer = keras.optimizers.AdamW(
            hyperparameters.learning_rate,
            weight_decay=1e-3,
            clipnorm=1.0,
            use_ema=True,
            ema_momentum=0.99,
            ema_overwrite_frequency=None,
        )
        model.compile(optimizer=optimizer, loss=loss)

    def _varied(self, features, hyperparameters, seed):
        """Training clips and, unless augmentation is off, varied copies: components that new voices share."""
        augment = self.augment(hyperparameters)
        if augment is None:
            return features
        rng = np.random.default_rng((seed, VARIED_COPIES))
        copies = [features]
        for _ in range(VARIED_COPIES):
            # A few hundred at a time: the memory of a notebook is small.
            parts = (features[start : start + 250] for start in range(0, len(features), 250))
            copies += [augment(part, rng) for part in parts]
        return np.concatenate(copies)


PRESETS: dict[str, Preset] = {preset.name: preset for preset in (AutoencoderPreset(),)}


def get_preset(name: str) -> Preset:
    """The preset of that name, or an error that lists them."""
    if name not in PRESETS:
        raise ValueError(f"unknown preset {name!r}; expected one of {', '.join(PRESETS)}")
    return PRESETS[name]
