"""Dense networks that narrow step by step, as many articles draw them."""

from __future__ import annotations

from collections.abc import Sequence

import keras
from keras import layers

from course_lib.models.network_parts import Seeds, check_sizes


def pyramid_encoder(
    shape: tuple[int, int], latent_dim: int, *, widths: Sequence[int] = (128, 64), seed: int = 0
) -> keras.Model:
    """The flattened clip through layers of ``widths``: (batch, frames, bands) -> (batch, latent_dim)."""
    shape, init = check_sizes(shape, latent_dim), Seeds(seed)
    inputs = keras.Input(shape, name="features")
    x = layers.Flatten(name="flat")(inputs)
    for width in widths:
        x = layers.Dense(width, activation="relu", kernel_initializer=init())(x)
    latent = layers.Dense(latent_dim, kernel_initializer=init(), name="latent")(x)
    return keras.Model(inputs, latent, name="pyramid_encoder")


def pyramid_decoder(
    shape: tuple[int, int], latent_dim: int, *, widths: Sequence[int] = (128, 64), seed: int = 1
) -> keras.Model:
    """The mirror of :func:`pyramid_encoder`: (batch, latent_dim) -> (batch, frames, bands)."""
    shape, init = check_sizes(shape, latent_dim), Seeds(seed)
    inputs = keras.Input((latent_dim,), name="latent")
    x = inputs
    for width in reversed(widths):
        x = layers.Dense(width, activation="relu", kernel_initializer=init())(x)
    x = layers.Dense(shape[0] * shape[1], kernel_initializer=init(), name="flat")(x)
    return keras.Model(inputs, layers.Reshape(shape)(x), name="pyramid_decoder")
