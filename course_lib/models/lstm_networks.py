"""Networks that read a clip and write it frame after frame: long short-term memory.

S. Hochreiter, J. Schmidhuber, "Long short-term memory", Neural Computation 9(8), 1997. A step waits for the
step before it, so no number of cores shortens a clip: a few frames at a time, side by side, do.
"""

from __future__ import annotations

import keras
from keras import layers

from course_lib.models.network_parts import Seeds, check_sizes


def lstm_encoder(
    shape: tuple[int, int],
    latent_dim: int = 64,
    *,
    width: int = 128,
    stride: int = 4,
    bidirectional: bool = True,
    seed: int = 0,
) -> keras.Model:
    """Read the clip ``stride`` frames at a time; what is remembered at the end becomes the latent.

    (batch, frames, bands) -> (batch, latent_dim), unbounded. ``width`` numbers of memory, in each direction
    if there are two. ``frames`` must be a multiple of ``stride``.
    """
    shape, init = check_sizes(shape, latent_dim, divides=stride), Seeds(seed)
    inputs = keras.Input(shape, name="features")
    x = layers.Reshape((shape[0] // stride, stride * shape[1]))(inputs)
    x = _memory(width, init, bidirectional)(x)
    latent = layers.Dense(latent_dim, kernel_initializer=init(), name="latent")(x)
    return keras.Model(inputs, latent, name="lstm_encoder")


def lstm_decoder(
    shape: tuple[int, int],
    latent_dim: int = 64,
    *,
    width: int = 128,
    stride: int = 4,
    bidirectional: bool = True,
    seed: int = 1,
) -> keras.Model:
    """The mirror of :func:`lstm_encoder`: told the latent at every step, it writes ``stride`` frames each.

    (batch, latent_dim) -> (batch, frames, bands).
    """
    shape, init = check_sizes(shape, latent_dim, divides=stride), Seeds(seed)
    steps = shape[0] // stride
    inputs = keras.Input((latent_dim,), name="latent")
    x = layers.RepeatVector(steps)(layers.Dense(width, activation="gelu", kernel_initializer=init())(inputs))
    x = _memory(width, init, bidirectional, return_sequences=True)(x)
    x = layers.Dense(stride * shape[1], kernel_initializer=init())(x)
    return keras.Model(inputs, layers.Reshape(shape)(x), name="lstm_decoder")


def _memory(width: int, init: Seeds, bidirectional: bool, **options) -> layers.Layer:
    def one(**direction):
        orthogonal = init(keras.initializers.Orthogonal)
        return layers.LSTM(
            width, kernel_initializer=init(), recurrent_initializer=orthogonal, **options, **direction
        )

    # Keras would copy the first direction, its seeds included.
    return layers.Bidirectional(one(), backward_layer=one(go_backwards=True)) if bidirectional else one()
