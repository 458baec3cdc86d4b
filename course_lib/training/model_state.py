"""All numbers of a compiled Keras model as named arrays, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from course_lib.training.errors import RunError
from course_lib.training.players import optimizers, players

if TYPE_CHECKING:
    import keras


def _groups(model: keras.Model) -> dict[str, list]:
    """Variables by kind, each in an order that the architecture fixes."""
    own = {id(variable) for variable in model.variables}
    turns = players(model)
    return {
        # Includes the states of seed generators: dropout goes on with the same numbers.
        "model": list(model.variables),
        # What only the training needs: optimisers, and the noise of turns that the model itself has not.
        "optimizer": [
            *(variable for optimizer in optimizers(model) for variable in optimizer.variables),
            *(variable for turn in turns for variable in turn.variables if id(variable) not in own),
        ],
        # The running loss of an unfinished epoch.
        "metrics": [variable for turn in turns for metric in turn.metrics for variable in metric.variables],
    }


def collect(model: keras.Model) -> dict[str, np.ndarray]:
    """Weights, optimiser and running metrics, keyed ``model/0000``, ``optimizer/0000``, ``metrics/0000``."""
    import keras

    return {
        f"{kind}/{number:04d}": keras.ops.convert_to_numpy(variable)
        for kind, variables in _groups(model).items()
        for number, variable in enumerate(variables)
    }


def restore(model: keras.Model, arrays: dict[str, np.ndarray], *, kinds=("model", "optimizer")) -> None:
    """Assign what :func:`collect` gave to a model of the same architecture.

    Raises
    ------
    RunError
        Another number of variables, or another shape: it belongs to a different architecture.
    """
    groups = _groups(model)
    for kind in kinds:
        saved = {name: array for name, array in arrays.items() if name.startswith(f"{kind}/")}
        if len(saved) != len(groups[kind]):
            raise RunError(
                f"the saved state has {len(saved)} {kind} variables, this model {len(groups[kind])}: "
                "it belongs to another architecture or version"
            )
        for number, variable in enumerate(groups[kind]):
            array = saved[f"{kind}/{number:04d}"]
            if tuple(array.shape) != tuple(variable.shape):
                raise RunError(
                    f"{variable.path} has shape {tuple(variable.shape)}, its saved state {array.shape}: "
                    "it belongs to another architecture"
                )
            variable.assign(array)


def weight_arrays(model: keras.Model) -> dict[str, np.ndarray]:
    """The model's own variables only: what a finished run keeps."""
    return {name: array for name, array in collect(model).items() if name.startswith("model/")}
