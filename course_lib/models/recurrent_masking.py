"""A recurrent autoencoder that listens to a noisy spectrum frame after frame and says what is clean in it."""

from __future__ import annotations

from typing import Literal

import keras
from keras import layers

from course_lib.layers.compressed_magnitude import CompressedMagnitude
from course_lib.layers.take_phase import TakePhase
from course_lib.models.networks import Seeds

# Magnitudes of a silent frame are equal: their spread is zero, and this stands in for it.
EPSILON = 1e-3
# An untrained network lets most through: a mask of 0.9.
OPEN = 2.2


def recurrent_masking_network(
    bins: int,
    *,
    width: int = 96,
    latent_dim: int = 48,
    stride: int = 4,
    predicts: Literal["mask", "features"] = "mask",
    corruption: keras.layers.Layer | None = None,
    seed: int = 0,
) -> keras.Model:
    """Long short-term memory in both directions, a narrow code at every step, and memory again.

    (batch, frames, 2 * bins) -> the same, with the phase of what was heard. Any number of frames that
    ``stride`` divides. A code for each step, not one for the whole: a sentence has any length, and what is
    clean in its fifth second is not to be kept in mind from the first.

    Parameters
    ----------
    bins : int
        Frequencies, 1 + n_fft // 2.
    width : int
        Numbers of memory in each direction.
    latent_dim : int
        Numbers of the code of one step.
    stride : int
        Frames of one step: a step waits for the step before it, so fewer of them are faster.
    predicts : {"mask", "features"}
        A share of every bin, in [0, 1], or the clean magnitudes themselves, compressed.
    corruption : keras.layers.Layer, optional
        Damages the compressed magnitudes that are heard, in training, such as
        :class:`course_lib.layers.corruption.Corruption`.

    Raises
    ------
    ValueError
        A size that is not positive, or another prediction.
    """
    sizes = {"bins": bins, "width": width, "latent_dim": latent_dim, "stride": stride}
    for name, size in sizes.items():
        if size < 1:
            raise ValueError(f"{name} must be at least 1; received {size}")
    if predicts not in ("mask", "features"):
        raise ValueError(f"predicts must be mask or features; received {predicts!r}")
    init = Seeds(seed)
    spectrum = keras.Input((None, 2 * bins), name="spectrum")
    heard = CompressedMagnitude(name="heard")(spectrum)
    x = heard if corruption is None else corruption(heard)
    x = layers.LayerNormalization(epsilon=EPSILON)(x)
    kernel = 3 if stride == 1 else 2 * stride
    x = layers.Conv1D(
        width, kernel, strides=stride, padding="same", activation="gelu", kernel_initializer=init()
    )(x)
    x = _memory(width, init, "encoder")(x)
    x = layers.Dense(latent_dim, kernel_initializer=init(), name="code")(x)
    x = _memory(width, init, "decoder")(x)
    bias = keras.initializers.Constant(OPEN if predicts == "mask" else 0.0)
    x = layers.Dense(stride * bins, kernel_initializer=init(), bias_initializer=bias, name=predicts)(x)
    if stride > 1:
        x = layers.Reshape((-1, bins))(x)
    if predicts == "features":
        estimate = TakePhase(name="estimate")([spectrum, layers.Activation("softplus")(x)])
    else:
        share = layers.Activation("sigmoid")(x)
        both = layers.Concatenate()([share, share])
        estimate = layers.Multiply(name="estimate")([spectrum, both])
    return keras.Model(spectrum, estimate, name="recurrent_masking_network")


def _memory(width: int, init: Seeds, name: str) -> layers.Layer:
    def one(**direction):
        recurrent = init(keras.initializers.Orthogonal)
        return layers.LSTM(
            width,
            return_sequences=True,
            kernel_initializer=init(),
            recurrent_initializer=recurrent,
            **direction,
        )

    # Keras would copy the first direction, its seeds included.
    return layers.Bidirectional(one(), backward_layer=one(go_backwards=True), name=name)
