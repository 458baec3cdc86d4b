"""One sigmoid layer and its kernel transposed: the contractive autoencoder as its paper has it.

A clip has some thousand numbers, most of which move together: an ordinary layer's sigmoids are saturated
after a few steps, and every latent is 0 or 1. So the layer reads the clip divided by the root of its size,
where a step of an optimiser moves it no further than any layer, and the way back has the gain that undoes a
sigmoid's slope.
"""

from __future__ import annotations

import math

import keras
import numpy as np
from keras import layers

from course_lib.layers.tied_dense import TiedDense
from course_lib.models.network_parts import Seeds, check_sizes

# Of a kernel's columns at first: the widest component of standardised clips then moves its sigmoid to and fro
# between about 0.1 and 0.9. The longer, the nearer to a yes or no.
LENGTH = 2 * math.sqrt(8)


def sigmoid_encoder(shape: tuple[int, int], latent_dim: int = 64, *, seed: int = 0) -> keras.Model:
    """(batch, frames, bands) -> (batch, latent_dim), each number between 0 and 1."""
    shape, init = check_sizes(shape, latent_dim), Seeds(seed)
    inputs = keras.Input(shape, name="features")
    x = layers.Rescaling(1 / math.sqrt(shape[0] * shape[1]), name="unit")(layers.Flatten(name="flat")(inputs))
    latent = layers.Dense(latent_dim, activation="sigmoid", kernel_initializer=init(), name="latent")(x)
    return keras.Model(inputs, latent, name="sigmoid_encoder")


def sigmoid_decoder(shape: tuple[int, int], latent_dim: int = 64) -> keras.Model:
    """The way back by the encoder's own kernel, inside an ``Autoencoder``; it has a bias and nothing else."""
    shape = check_sizes(shape, latent_dim)
    units = shape[0] * shape[1]
    # A sigmoid's slope at its middle is a quarter.
    gain = 4 * math.sqrt(units) / LENGTH**2
    inputs = keras.Input((latent_dim,), name="latent")
    x = layers.Rescaling(gain, -gain / 2, name="gain")(inputs)
    x = TiedDense(units, "latent", name="flat")(x)
    return keras.Model(inputs, layers.Reshape(shape)(x), name="sigmoid_decoder")


def start_sigmoids(model: keras.Model, features: np.ndarray, *, seed: int = 0) -> None:
    """Begin at the principal components of ``features``: near its middle a sigmoid is linear.

    Parameters
    ----------
    model : Autoencoder
        Of :func:`sigmoid_encoder` and :func:`sigmoid_decoder`.
    features : np.ndarray, shape (clips, frames, bands)
        Training clips. Fewer of them than latent numbers leave the last numbers all but silent.
    seed : int
        Seeds the randomised SVD.

    Raises
    ------
    ValueError
        Fewer than two clips.
    """
    from sklearn.decomposition import PCA

    if len(features) < 2:
        raise ValueError(f"principal components need at least two clips; received {len(features)}")
    down, up = model.encoder.get_layer("latent"), model.decoder.get_layer("flat")
    flat = features.reshape(len(features), -1)
    count = min(down.units, *flat.shape)
    pca = PCA(count, svd_solver="randomized", random_state=seed).fit(flat)
    kernel = 0.01 * down.get_weights()[0]
    kernel[:, :count] = LENGTH * pca.components_.T
    down.set_weights([kernel, -pca.mean_ @ kernel / math.sqrt(flat.shape[1])])
    up.set_weights([pca.mean_])
