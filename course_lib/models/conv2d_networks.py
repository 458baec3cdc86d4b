"""Convolutions over time and frequency: a spectrogram as if it were a picture.

The stack of many articles: three layers, each with twice the channels and half the frames and bands of the
one before. Its start is computed from the clip, where a fixed one (16 by 16, say) would fit no clip.
"""

from __future__ import annotations

import keras
from keras import layers

from course_lib.models.network_parts import Seeds, check_sizes


def conv2d_encoder(
    shape: tuple[int, int], latent_dim: int = 64, *, width: int = 128, depth: int = 3, seed: int = 0
) -> keras.Model:
    """``depth`` convolutions of stride 2 in both directions, then one dense layer.

    (batch, frames, bands) -> (batch, latent_dim), unbounded. ``width`` channels in the last convolution, half
    as many in each before it: 32, 64, 128. Frames and bands must be multiples of 2**depth.
    """
    shape, init = check_sizes(shape, latent_dim, divides=2**depth, divides_bands=2**depth), Seeds(seed)
    inputs = keras.Input(shape, name="features")
    x = layers.Reshape((*shape, 1))(inputs)
    for channels in _channels(width, depth):
        x = layers.Conv2D(channels, 3, strides=2, padding="same", kernel_initializer=init())(x)
        x = layers.Activation("gelu")(x)
    latent = layers.Dense(latent_dim, kernel_initializer=init(), name="latent")(layers.Flatten()(x))
    return keras.Model(inputs, latent, name="conv2d_encoder")


def conv2d_decoder(
    shape: tuple[int, int], latent_dim: int = 64, *, width: int = 128, depth: int = 3, seed: int = 1
) -> keras.Model:
    """The mirror of :func:`conv2d_encoder`, by transposed convolutions: (batch, latent_dim) -> clips."""
    shape, init = check_sizes(shape, latent_dim, divides=2**depth, divides_bands=2**depth), Seeds(seed)
    start = (shape[0] // 2**depth, shape[1] // 2**depth, width)
    inputs = keras.Input((latent_dim,), name="latent")
    x = layers.Dense(start[0] * start[1] * width, kernel_initializer=init())(inputs)
    x = layers.Reshape(start)(x)
    # The last of them comes down to the one channel that a spectrogram has. A kernel that is a multiple of
    # the stride gives every bin equally many contributions: no checkerboard.
    for channels in [*reversed(_channels(width, depth)[:-1]), 1]:
        x = layers.Activation("gelu")(x)
        x = layers.Conv2DTranspose(channels, 4, strides=2, padding="same", kernel_initializer=init())(x)
    return keras.Model(inputs, layers.Reshape(shape)(x), name="conv2d_decoder")


def _channels(width: int, depth: int) -> list[int]:
    return [max(1, width // 2**number) for number in reversed(range(depth))]
