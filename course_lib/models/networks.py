"""Encoders and decoders to inject into a model: plain functional Keras networks.

A clip is (frames, bands): time is the convolution axis and the mel bands are its channels.
"""

from __future__ import annotations

import keras
from keras import layers


def check_sizes(shape: tuple[int, int], latent_dim: int, *, divides: int = 1) -> tuple[int, int]:
    """``shape`` as a tuple of two ints, or an error that says which size does not fit."""
    shape = tuple(int(size) for size in shape)
    if len(shape) != 2 or min(shape) < 1:
        raise ValueError(f"shape must be (frames, bands), both positive; received {shape}")
    if latent_dim < 1:
        raise ValueError(f"latent_dim must be at least 1; received {latent_dim}")
    if shape[0] % divides:
        raise ValueError(f"frames must be a multiple of {divides}; received {shape[0]}")
    return shape


class Seeds:
    """One seed in, a different seed for each layer out: the same network every time."""

    def __init__(self, seed: int):
        self.next = int(seed) * 1000

    def __call__(self) -> keras.initializers.Initializer:
        self.next += 1
        return keras.initializers.GlorotUniform(seed=self.next)


def dense_encoder(
    shape: tuple[int, int], latent_dim: int = 64, *, width: int = 512, depth: int = 1, seed: int = 0
) -> keras.Model:
    """Flatten, ``depth`` hidden layers of ``width`` (0 makes it linear), ``latent_dim`` numbers out.

    (batch, frames, bands) -> (batch, latent_dim), unbounded.
    """
    shape, init = check_sizes(shape, latent_dim), Seeds(seed)
    inputs = keras.Input(shape, name="features")
    x = layers.Flatten(name="flat")(inputs)
    for _ in range(depth):
        x = layers.Dense(width, activation="gelu", kernel_initializer=init())(x)
    # Without a hidden layer the network is linear, and can start as principal component analysis.
    name = "latent" if depth else "principal"
    latent = layers.Dense(latent_dim, kernel_initializer=init(), name=name)(x)
    return keras.Model(inputs, latent, name="dense_encoder")


def dense_decoder(
    shape: tuple[int, int], latent_dim: int = 64, *, width: int = 512, depth: int = 1, seed: int = 1
) -> keras.Model:
    """The mirror of :func:`dense_encoder`: (batch, latent_dim) -> (batch, frames, bands)."""
    shape, init = check_sizes(shape, latent_dim), Seeds(seed)
    inputs = keras.Input((latent_dim,), name="latent")
    x = inputs
    for _ in range(depth):
        x = layers.Dense(width, activation="gelu", kernel_initializer=init())(x)
    name = "flat" if depth else "principal"
    x = layers.Dense(shape[0] * shape[1], kernel_initializer=init(), name=name)(x)
    return keras.Model(inputs, layers.Reshape(shape)(x), name="dense_decoder")


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
