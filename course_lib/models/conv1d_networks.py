"""Convolutions over time; the mel bands are their channels."""

from __future__ import annotations

import keras
from keras import layers

from course_lib.models.network_parts import Seeds, check_sizes


def conv1d_encoder(
    shape: tuple[int, int], latent_dim: int = 64, *, width: int = 128, depth: int = 3, seed: int = 0
) -> keras.Model:
    """``depth`` convolutions over time, each halving the frames, then one dense layer.

    (batch, frames, bands) -> (batch, latent_dim), unbounded. ``frames`` must be a multiple of 2**depth.
    """
    shape, init = check_sizes(shape, latent_dim, divides=2**depth), Seeds(seed)
    inputs = keras.Input(shape, name="features")
    x = inputs
    for _ in range(depth):
        x = layers.Conv1D(width, 5, strides=2, padding="same", kernel_initializer=init())(x)
        x = layers.LayerNormalization()(x)
        x = layers.Activation("gelu")(x)
    latent = layers.Dense(latent_dim, kernel_initializer=init(), name="latent")(layers.Flatten()(x))
    return keras.Model(inputs, latent, name="conv1d_encoder")


def conv1d_decoder(
    shape: tuple[int, int], latent_dim: int = 64, *, width: int = 128, depth: int = 3, seed: int = 1
) -> keras.Model:
    """The mirror of :func:`conv1d_encoder`: (batch, latent_dim) -> (batch, frames, bands)."""
    shape, init = check_sizes(shape, latent_dim, divides=2**depth), Seeds(seed)
    frames = shape[0] // 2**depth
    inputs = keras.Input((latent_dim,), name="latent")
    x = layers.Dense(frames * width, kernel_initializer=init())(inputs)
    x = layers.Reshape((frames, width))(x)
    for _ in range(depth):
        x = layers.UpSampling1D(2)(x)
        x = layers.Conv1D(width, 5, padding="same", kernel_initializer=init())(x)
        x = layers.LayerNormalization()(x)
        x = layers.Activation("gelu")(x)
    x = layers.Conv1D(shape[1], 5, padding="same", kernel_initializer=init())(x)
    return keras.Model(inputs, x, name="conv1d_decoder")
