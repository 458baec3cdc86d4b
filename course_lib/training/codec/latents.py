"""The latent numbers that a codec quantises."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np

from course_lib.training.codec.errors import CodecError


def latents_of(model: Any, features: np.ndarray) -> np.ndarray:
    """Features, shape (clips, frames, bands) -> latents, shape (clips, latent_dim).

    A variational model gives means and log-variances: the means are taken.
    """
    latents = model.encode(features)
    return latents[0] if isinstance(latents, tuple) else latents


def check_model(model: Any, name: str) -> None:
    """Whether sounds can be coded by the model of the run ``name``.

    Raises
    ------
    CodecError
        It has no latents, or wants to be told what it hears.
    """
    remedy = "choose or train an autoencoder: course train autoencoder"
    if not (hasattr(model, "encode") and hasattr(model, "decode")):
        raise CodecError(f"run {name} holds a {type(model).__name__}, which has no latents; {remedy}")
    if "condition" in inspect.signature(model.encode).parameters:
        raise CodecError(
            f"run {name} holds a {type(model).__name__}, which wants a condition that no file holds; {remedy}"
        )
