"""Networks for notes: the decoder is told the instrument and the pitch, so that latents need not say them."""

from __future__ import annotations

import keras
from keras import layers

from course_lib.layers.beside import Beside
from course_lib.layers.conditioning import FiLM
from course_lib.layers.silence import Silence
from course_lib.models.masking import FUSIONS
from course_lib.models.network_parts import Seeds, check_sizes

KERNEL = 5
DEPTH = 2


def note_encoder(shape: tuple[int, int], outputs: int, *, width: int = 192, seed: int = 0) -> keras.Model:
    """(batch, frames, bands) -> (batch, outputs): convolutions over time that end in one dense layer.

    The bands are many and far from even in what they carry, so one layer first mixes them frame by frame.
    """
    shape, init = check_sizes(shape, outputs, divides=2**DEPTH), Seeds(seed)
    inputs = keras.Input(shape, name="features")
    x = layers.Dense(width, kernel_initializer=init())(inputs)
    for _ in range(DEPTH):
        x = layers.Conv1D(width, KERNEL, strides=2, padding="same", kernel_initializer=init())(x)
        x = layers.Activation("gelu")(layers.LayerNormalization()(x))
    latent = layers.Dense(outputs, kernel_initializer=init(), name="latent")(layers.Flatten()(x))
    return keras.Model(inputs, latent, name="note_encoder")


def note_decoder(
    shape: tuple[int, int],
    latent_dim: int,
    condition_size: int,
    *,
    width: int = 192,
    fusion: str = "film",
    seed: int = 1,
) -> keras.Model:
    """[latents (batch, latent_dim), condition (batch, condition_size)] -> (batch, frames, bands).

    Where the harmonics of a note lie follows from its pitch, and how they rise and fall from the instrument;
    both are said in the condition, and every block is told. Its last layer, ``silence``, wants to be adapted
    to the features' floor.

    Parameters
    ----------
    fusion : {"film", "concatenate"}
        As of :func:`course_lib.models.masking.masking_network`.

    Raises
    ------
    ValueError
        Frames that cannot be halved twice, or another fusion.
    """
    if fusion not in FUSIONS:
        raise ValueError(f"fusion must be one of {', '.join(FUSIONS)}; received {fusion!r}")
    shape, init = check_sizes(shape, latent_dim, divides=2**DEPTH), Seeds(seed)
    latent = keras.Input((latent_dim,), name="latent")
    condition = keras.Input((condition_size,), name="condition")
    # Instrument and pitch together make a sound: a hidden layer knows their products.
    told = layers.Dense(width, activation="gelu", kernel_initializer=init())(condition)
    told = layers.Dense(width, activation="gelu", kernel_initializer=init())(told)
    frames = shape[0] // 2**DEPTH
    x = layers.Concatenate()([latent, told])
    x = layers.Reshape((frames, width))(layers.Dense(frames * width, kernel_initializer=init())(x))
    for _ in range(DEPTH):
        x = layers.UpSampling1D(2)(x)
        x = _told(x, told, fusion, init)
        x = layers.Conv1D(width, KERNEL, padding="same", kernel_initializer=init())(x)
        x = layers.Activation("gelu")(layers.LayerNormalization()(x))
    x = _told(x, told, fusion, init)
    x = layers.Dense(2 * width, activation="gelu", kernel_initializer=init())(x)
    x = layers.Dense(shape[1], kernel_initializer=init(), name="bands")(x)
    x = Silence(name="silence", dtype="float32")(x)
    return keras.Model([latent, condition], x, name="note_decoder")


def _told(x, told, fusion: str, init: Seeds):
    return (FiLM(seed=init().seed) if fusion == "film" else Beside())([x, told])
