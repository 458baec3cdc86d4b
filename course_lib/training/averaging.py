"""Averaged weights, for optimisers that keep them (``use_ema=True``): what is heard, measured and kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

from course_lib.training.players import players

if TYPE_CHECKING:
    import keras


def _pairs(model: keras.Model) -> list[tuple]:
    """(variable, its average) for each trainable variable whose optimiser keeps averages."""
    pairs = []
    for player in players(model):
        optimizer = getattr(player, "optimizer", None)
        if optimizer is None or not getattr(optimizer, "use_ema", False):
            continue
        if not optimizer.built:
            optimizer.build(player.trainable_variables)
        pairs += zip(player.trainable_variables, optimizer._model_variables_moving_average, strict=True)
    return pairs


@contextmanager
def averaged_weights(model: keras.Model, *, steps: int) -> Iterator[None]:
    """The model has its averaged weights inside the block, its own after it.

    ``steps`` are the optimiser steps made: at 0 there is no average yet.
    """
    import keras

    pairs = _pairs(model) if steps else []
    own = [keras.ops.convert_to_numpy(variable) for variable, _ in pairs]
    for variable, average in pairs:
        # A copy: on JAX both would hold one array, which the next step gives away and then misses.
        variable.assign(keras.ops.convert_to_numpy(average))
    try:
        yield
    finally:
        for (variable, _), value in zip(pairs, own, strict=True):
            variable.assign(value)


def average_arrays(model: keras.Model) -> dict[str, np.ndarray]:
    """The averages under the names ``average/0000`` that match ``model/0000`` of the model's state."""
    import keras

    place = {id(variable): number for number, variable in enumerate(model.variables)}
    return {
        f"average/{place[id(variable)]:04d}": keras.ops.convert_to_numpy(average)
        for variable, average in _pairs(model)
    }
