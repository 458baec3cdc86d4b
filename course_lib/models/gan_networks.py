"""Generators and critics to inject into a GAN: plain functional Keras networks over log-mel clips."""

from __future__ import annotations

import keras
from keras import layers

from course_lib.layers.conditioning import FiLM
from course_lib.layers.minibatch_deviation import MinibatchDeviation
from course_lib.layers.spectral_conv1d import SpectralConv1D
from course_lib.models.networks import Seeds, check_sizes

# A generator's last activation: features are standardised, and silence lies some four deviations down.
FEATURE_RANGE = 6.0
NAME = "clips"


def _condition(classes: int, width: int, seed: int):
    """(input, embedding (batch, width)) of a class number."""
    given = keras.Input((), dtype="int32", name="condition")
    start = keras.initializers.RandomNormal(stddev=1.0, seed=seed)
    return given, layers.Embedding(classes, width, embeddings_initializer=start, name="classes")(given)


def dense_generator(
    shape: tuple[int, int], noise_dim: int = 100, *, widths: tuple[int, ...] = (256, 512), seed: int = 0
) -> keras.Model:
    """Noise through ever wider layers, then reshaped: (batch, noise_dim) -> (batch, frames, bands)."""
    shape, init = check_sizes(shape, noise_dim), Seeds(seed)
    inputs = keras.Input((noise_dim,), name="noise")
    x = inputs
    for width in widths:
        x = layers.Dense(width, kernel_initializer=init())(x)
        x = layers.LeakyReLU(0.2)(x)
    x = layers.Dense(shape[0] * shape[1], kernel_initializer=init(), name="flat")(x)
    return keras.Model(inputs, layers.Reshape(shape)(x), name="dense_generator")


def dense_critic(
    shape: tuple[int, int], *, widths: tuple[int, ...] = (512, 256), seed: int = 1
) -> keras.Model:
    """The flattened clip through ever narrower layers: (batch, frames, bands) -> (batch, 1)."""
    shape, init = check_sizes(shape, 1), Seeds(seed)
    inputs = keras.Input(shape, name=NAME)
    x = layers.Flatten()(inputs)
    for width in widths:
        x = layers.Dense(width, kernel_initializer=init())(x)
        x = layers.LeakyReLU(0.2)(x)
    return keras.Model(inputs, layers.Dense(1, kernel_initializer=init())(x), name="dense_critic")


def conv1d_generator(
    shape: tuple[int, int],
    noise_dim: int = 64,
    *,
    width: int = 192,
    depth: int = 4,
    classes: int | None = None,
    seed: int = 0,
) -> keras.Model:
    """A short sequence of frames, doubled ``depth`` times; the class, if any, modulates each level.

    (batch, noise_dim), with ``classes`` also (batch,) -> (batch, frames, bands). ``frames`` must be a
    multiple of 2**depth.
    """
    shape, init = check_sizes(shape, noise_dim, divides=2**depth), Seeds(seed)
    noise = keras.Input((noise_dim,), name="noise")
    inputs, style = [noise], noise
    if classes is not None:
        given, embedded = _condition(classes, noise_dim, seed)
        inputs, style = [noise, given], layers.Concatenate(name="style")([noise, embedded])
    frames = shape[0] // 2**depth
    x = layers.Dense(frames * width, kernel_initializer=init())(style)
    x = layers.Reshape((frames, width))(x)
    for level in range(depth):
        x = layers.UpSampling1D(2)(x)
        for _ in range(2):
            y = layers.Conv1D(width, 3, padding="same", kernel_initializer=init())(x)
            y = layers.LayerNormalization()(y)
            y = FiLM(seed=seed + 17 * level)([y, style])
            x = layers.Add()([x, layers.Activation("gelu")(y)])
    x = layers.Conv1D(shape[1], 5, padding="same", kernel_initializer=init(), name="bands")(x)
    x = layers.Rescaling(1 / FEATURE_RANGE)(x)
    x = layers.Rescaling(FEATURE_RANGE, name=NAME)(layers.Activation("tanh")(x))
    return keras.Model(inputs if classes is not None else noise, x, name="conv1d_generator")


def conv1d_critic(
    shape: tuple[int, int],
    *,
    width: int = 128,
    depth: int = 4,
    classes: int | None = None,
    group: int = 4,
    seed: int = 1,
) -> keras.Model:
    """Spectrally normalised convolutions, halving the frames ``depth`` times, then one score.

    (batch, frames, bands), with ``classes`` also (batch,) -> (batch, 1). The class enters by a projection
    (T. Miyato, M. Koyama, "cGANs with projection discriminator", ICLR 2018). ``group`` clips are compared
    with each other (``MinibatchDeviation``); 0 leaves that out.
    """
    shape = check_sizes(shape, 1, divides=2**depth)
    clips = keras.Input(shape, name=NAME)
    x = SpectralConv1D(width, 5, activation="leaky_relu", seed=1000 * seed)(clips)
    for level in range(1, depth + 1):
        wide = min(2 * width, width * (1 + level // 2))
        x = SpectralConv1D(wide, 5, strides=2, activation="leaky_relu", seed=1000 * seed + 2 * level)(x)
    if group:
        x = MinibatchDeviation(group)(x)
    x = SpectralConv1D(wide, 3, activation="leaky_relu", seed=1000 * seed + 91)(x)
    pooled = layers.GlobalAveragePooling1D()(x)
    row = layers.Reshape((1, wide))(pooled)
    score = layers.Reshape((1,), name="realism")(SpectralConv1D(1, seed=1000 * seed + 92)(row))
    if classes is None:
        return keras.Model(clips, score, name="conv1d_critic")
    given, embedded = _condition(classes, wide, seed)
    match = layers.Dot(axes=1, name="match")([pooled, embedded])
    match = layers.Rescaling(wide**-0.5)(match)
    return keras.Model([clips, given], layers.Add(name="score")([score, match]), name="conv1d_critic")
