"""Fully connected encoder and decoder: every number of a clip meets every other."""

from __future__ import annotations

import keras
from keras import layers

from course_lib.layers.tied_dense import TiedDense
from course_lib.models.network_parts import Seeds, check_sizes


def dense_encoder(
    shape: tuple[int, int],
    latent_dim: int = 64,
    *,
    width: int = 512,
    depth: int = 1,
    activation: str | None = None,
    seed: int = 0,
) -> keras.Model:
    """Flatten, ``depth`` hidden layers of ``width`` (0 makes it linear), ``latent_dim`` numbers out.

    (batch, frames, bands) -> (batch, latent_dim), bounded only by an ``activation`` such as ``"sigmoid"``.
    """
    shape, init = check_sizes(shape, latent_dim), Seeds(seed)
    inputs = keras.Input(shape, name="features")
    x = layers.Flatten(name="flat")(inputs)
    for number in range(depth):
        x = layers.Dense(width, activation="gelu", kernel_initializer=init(), name=_hidden(number))(x)
    name = _latent(depth, activation)
    latent = layers.Dense(latent_dim, activation=activation, kernel_initializer=init(), name=name)(x)
    return keras.Model(inputs, latent, name="dense_encoder")


def dense_decoder(
    shape: tuple[int, int],
    latent_dim: int = 64,
    *,
    width: int = 512,
    depth: int = 1,
    tied: bool = False,
    seed: int = 1,
) -> keras.Model:
    """The mirror of :func:`dense_encoder`: (batch, latent_dim) -> (batch, frames, bands).

    ``tied`` gives it the encoder's kernels, transposed: half the weights, and no way to make a latent small
    by making the decoder large. Such a decoder works inside an ``Autoencoder``, beside an encoder of the
    same sizes with a hidden layer or an activation.
    """
    shape, init = check_sizes(shape, latent_dim), Seeds(seed)
    inputs = keras.Input((latent_dim,), name="latent")
    x, below = inputs, "latent"
    for number in reversed(range(depth)):
        if tied:
            x = TiedDense(width, below, activation="gelu", name=f"tied_{number}")(x)
            below = _hidden(number)
        else:
            x = layers.Dense(width, activation="gelu", kernel_initializer=init())(x)
    units = shape[0] * shape[1]
    if tied:
        x = TiedDense(units, below, name="flat")(x)
    else:
        name = "flat" if depth else "principal"
        x = layers.Dense(units, kernel_initializer=init(), name=name)(x)
    return keras.Model(inputs, layers.Reshape(shape)(x), name="dense_decoder")


def _hidden(number: int) -> str:
    return f"hidden_{number}"


def _latent(depth: int, activation: str | None) -> str:
    # Without a hidden layer the network is linear, and can start as principal component analysis.
    return "latent" if depth or activation else "principal"
