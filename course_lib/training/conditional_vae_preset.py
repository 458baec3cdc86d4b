"""The preset of lab 04's conditional model: spoken digits by order, in a voice of the training set."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from pydantic import Field

from course_lib.training.preset import Preset
from course_lib.training.vae_presets import POOL, VariationalHyperparameters, averaging_optimizer

# Field by field: what is asked for first, then what is drawn.
DIGIT, SPEAKER = "digit", "speaker"
# Of the likelihood, in the features' unit: nearer to where it ends than 1, which drowns the first steps.
INITIAL_SCALE = 0.3


class ConditionalVAEHyperparameters(VariationalHyperparameters):
    """Settings of the preset ``conditional_vae``."""

    latent_dim: int = Field(
        64,
        ge=2,
        le=1024,
        description="Numbers that describe one clip, each with its own spread",
        json_schema_extra={"scale": "log"},
    )
    width: int = Field(
        128,
        ge=2,
        le=1024,
        description="Channels of a convolution",
        json_schema_extra={"scale": "log"},
    )
    warm_up: int = Field(0, ge=0, le=1_000_000, description="Optimiser steps over which beta grows from 0")
    temperature: float = Field(
        0.6,
        ge=0,
        le=2,
        description="How widely clips are drawn around the middle of their kind; 1 as widely as real ones",
        json_schema_extra={"hint": "below 1 clearer and less varied, 0 always the same clip"},
    )


class ConditionalVAEPreset(Preset):
    """Clips of the digit that is asked for, by a random speaker of the training clips."""

    name = "conditional_vae"
    title = "Conditional VAE"
    description = "Tell it the digit and the voice of each clip, then ask for digits that nobody spoke"
    hyperparameters = ConditionalVAEHyperparameters
    style = "word"
    verbs = ("sample", "interpolate", "convert")

    def task(self, config, hyperparameters):
        from course_lib.training.tasks.conditioned import Conditioned, number_of, rows
        from course_lib.training.tasks.samples import Samples, heard
        from course_lib.training.training_data import load_training_data

        data = load_training_data(config, representation=self.representation)
        speakers = sorted(set(data.train_speakers.tolist()))
        fields = {DIGIT: data.classes, SPEAKER: speakers}
        train, held_out = (
            np.column_stack([labels, number_of(names, speakers)])
            for labels, names in (
                (data.train_labels, data.train_speakers),
                (data.held_out_labels, data.held_out_speakers),
            )
        )
        labels, names = heard(data.classes)
        # A voice for each, spread over the alphabet: neighbours in it are often variants of one voice.
        voices = np.arange(len(labels)) * len(speakers) // len(labels)
        asked = rows(np.column_stack([labels, voices]), tuple(len(values) for values in fields.values()))
        exhibit = Samples(data.representation, labels, names, conditional=True, rows=asked)
        return Conditioned(
            data, fields, train, held_out, exhibit=exhibit, augment=self.augment(hyperparameters)
        )

    def asked(self, config) -> dict[str, Any]:
        return {"sizes": tuple(len(values) for values in config["conditions"].values())}

    def build(self, hyperparameters, shape, train_features=None, seed=0, architecture=None, sizes=(10, 6)):
        from course_lib.models.aligned import aligned_decoder, aligned_encoder
        from course_lib.models.cell_prior import cell_prior
        from course_lib.models.conditional_vae import ConditionalVAE

        if architecture is not None:
            raise ValueError(f"preset {self.name} takes no networks of yours; change its width instead")
        settings = hyperparameters
        networks = {"latent_dim": settings.latent_dim, "width": settings.width}
        model = ConditionalVAE(
            aligned_encoder(shape, spread=True, seed=2 * seed, **networks),
            aligned_decoder(shape, pool=POOL, seed=2 * seed + 1, **networks),
            cell_prior(sizes, settings.latent_dim),
            beta=settings.beta,
            warm_up=settings.warm_up,
            free_nats=settings.free_nats,
            initial_scale=INITIAL_SCALE,
            temperature=settings.temperature,
            seed=seed,
        )
        if train_features is not None:
            self._start(model, *train_features, sizes, seed)
        model.compile(optimizer=averaging_optimizer(settings.learning_rate))
        return model

    def augment(self, hyperparameters):
        if not hyperparameters.augment:
            return None
        from course_lib.data.augment import vary_voice

        # Its voices have names: a little variety within each, none that makes one into another.
        return partial(vary_voice, tract=0.05, pitch=0.1, rate=0.05)

    def _start(self, model, features, numbers, sizes, seed: int) -> None:
        """Principal components, turned to be independent within a cell; a Gaussian for each cell."""
        from course_lib.models.cell_prior import fit_cell_prior
        from course_lib.models.principal import decorrelate_within, start_from_principal_components
        from course_lib.training.tasks.conditioned import rows

        start_from_principal_components(model, features, seed=seed)
        decorrelate_within(model, features, np.ravel_multi_index(tuple(numbers.T), sizes))
        latents, _ = model.encode(features, rows(numbers, sizes))
        fit_cell_prior(model.prior, latents, numbers, sizes)
