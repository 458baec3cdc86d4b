"""A prior with a Gaussian for every combination of what a clip is: each digit of each speaker."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import keras
import numpy as np
from keras import layers

from course_lib.layers.part import Part

# So many clips of its own weigh as much in a cell's variance as what all cells share ...
SHARED = 10.0
# ... and in its mean as what its fields say without it.
EXPECTED = 1.0


def cell_prior(sizes: Sequence[int], latent_dim: int) -> keras.Model:
    """Condition (batch, sum of sizes) -> (batch, 2 * latent_dim): means, then log-variances; at first zero.

    Each value of each field moves the prior, and so does each combination of them: a table, no network.
    A row of zeros in place of a field is a value that is not known, such as a new speaker.

    Parameters
    ----------
    sizes : sequence of int
        Values of each field: (10, 6) for digits and speakers.
    """
    condition = keras.Input((sum(sizes),), name="condition")
    start, cells = 0, None
    for size in sizes:
        field = Part(start, start + size)(condition)
        start += size
        if cells is None:
            cells = field
            continue
        pairs = layers.Multiply()(
            [layers.Reshape((cells.shape[-1], 1))(cells), layers.Reshape((1, size))(field)]
        )
        cells = layers.Flatten()(pairs)
    told = layers.Concatenate()([condition, cells]) if len(sizes) > 1 else condition
    table = layers.Dense(2 * latent_dim, kernel_initializer="zeros", name="table")(told)
    return keras.Model(condition, table, name="cell_prior")


def fit_cell_prior(
    prior: keras.Model, latents: np.ndarray, numbers: np.ndarray, sizes: Sequence[int]
) -> None:
    """Set a :func:`cell_prior` to the means and variances of latents.

    Parameters
    ----------
    latents : np.ndarray, shape (clips, latent_dim)
    numbers : np.ndarray, shape (clips, fields), integers
        The value of each field.
    sizes : sequence of int
        As of the prior.
    """
    latents, numbers = np.asarray(latents, np.float64), np.asarray(numbers)
    fields = np.concatenate([np.eye(size)[column] for size, column in zip(sizes, numbers.T, strict=True)], 1)
    centre = latents.mean(axis=0)
    # Little enough to leave the effects as they are, enough to share them out where they are not unique.
    ridge = 1e-3 * len(latents) * np.eye(fields.shape[1])
    effects = np.linalg.solve(fields.T @ fields + ridge, fields.T @ (latents - centre))
    rest = latents - centre - fields @ effects
    every = list(product(*map(range, sizes))) if len(sizes) > 1 else []
    means, ratios = np.zeros((2, len(every), latents.shape[1]))
    within = rest.copy()
    members = [np.flatnonzero((numbers == values).all(axis=1)) for values in every]
    for cell, rows in enumerate(members):
        if len(rows):
            means[cell] = rest[rows].sum(axis=0) / (len(rows) + EXPECTED)
            within[rows] -= means[cell]
    pooled = np.square(within).mean(axis=0) + 1e-6
    for cell, rows in enumerate(members):
        own = np.square(within[rows]).sum(axis=0) + SHARED * pooled
        ratios[cell] = np.log(own / (len(rows) + SHARED) / pooled)
    table = np.block([[effects, np.zeros_like(effects)], [means, ratios]])
    prior.get_layer("table").set_weights([table, np.concatenate([centre, np.log(pooled)])])
