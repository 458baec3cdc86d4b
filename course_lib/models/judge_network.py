"""The network that tells spoken digits apart: convolutions over time, log-mel bands as channels."""

from __future__ import annotations

import keras
from keras import layers

from course_lib.models.networks import Seeds, check_sizes

POOL = 4


def judge_network(
    shape: tuple[int, int],
    classes: int = 10,
    *,
    width: int = 96,
    depth: int = 3,
    features: int = 64,
    dropout: float = 0.3,
    seed: int = 0,
) -> keras.Model:
    """Features (batch, frames, bands) -> [(batch, ``features``), (batch, ``classes``) logits].

    Four frames at a time, ``depth`` residual blocks of ``width`` channels, then mean and maximum over time:
    where in the clip a sound lies hardly matters, and how long it is does not.
    """
    shape, init = check_sizes(shape, features, divides=POOL), Seeds(seed)
    if classes < 2:
        raise ValueError(f"classes must be at least 2; received {classes}")
    inputs = keras.Input(shape, name="features")
    x = layers.Conv1D(width, 2 * POOL, strides=POOL, padding="same", kernel_initializer=init())(inputs)
    x = layers.Activation("gelu")(layers.LayerNormalization()(x))
    for block in range(depth):
        y = layers.LayerNormalization()(x)
        y = layers.Conv1D(width, 5, padding="same", activation="gelu", kernel_initializer=init())(y)
        y = layers.Dropout(dropout / 2, seed=1000 * seed + block)(y)
        x = layers.Add()([x, layers.Conv1D(width, 1, kernel_initializer=init())(y)])
    x = layers.LayerNormalization()(x)
    x = layers.Concatenate()([layers.GlobalAveragePooling1D()(x), layers.GlobalMaxPooling1D()(x)])
    x = layers.Dropout(dropout, seed=1000 * seed + depth)(x)
    last = layers.Dense(features, activation="gelu", kernel_initializer=init(), name="penultimate")(x)
    x = layers.Dropout(dropout, seed=1000 * seed + depth + 1)(last)
    logits = layers.Dense(classes, kernel_initializer=init(), name="logits")(x)
    return keras.Model(inputs, [last, logits], name="judge_network")
