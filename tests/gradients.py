"""Gradients: of anything on the backend that runs, and against finite differences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest

STEP = 1e-5


def check_gradient(function: Callable, point: np.ndarray, *, rtol: float = 1e-5, atol: float = 1e-7) -> None:
    """The gradient of ``sum(function(point))`` is that of central differences, in float64.

    Parameters
    ----------
    function : callable
        One tensor -> a tensor.
    point : np.ndarray
        Small: every number of it is moved to both sides.
    """
    if keras.backend.backend() != "tensorflow":
        # What tests/models/zoo.py holds is differentiated on all backends, and compared.
        pytest.skip("only on TensorFlow does Keras compute in float64, which finite differences need")
    point = np.asarray(point, np.float64)
    (found,) = gradients(function, [], [point])
    assert found.dtype == np.float64
    expected = np.zeros_like(point)
    for place in np.ndindex(point.shape):
        moved = point.copy(), point.copy()
        moved[0][place] += STEP
        moved[1][place] -= STEP
        ahead, behind = (float(keras.ops.sum(function(keras.ops.convert_to_tensor(x)))) for x in moved)
        expected[place] = (ahead - behind) / (2 * STEP)
    np.testing.assert_allclose(found, expected, rtol=rtol, atol=atol)


def gradients(function: Callable, variables: list, arrays: list[np.ndarray]) -> list[np.ndarray]:
    """Gradients of the sum of ``function(*arrays)`` by the variables it reads, then by the arrays.

    Parameters
    ----------
    function : callable
        Tensors -> a tensor.
    variables : list of keras.Variable
    arrays : list of np.ndarray
        Those of whole numbers are passed on; they have no gradient and are left out of the result.
    """
    return {"tensorflow": _by_tensorflow, "torch": _by_torch, "jax": _by_jax}[keras.backend.backend()](
        lambda *x: keras.ops.sum(function(*x)), variables, arrays
    )


def _is_float(array: np.ndarray) -> bool:
    return np.asarray(array).dtype.kind == "f"


def _by_tensorflow(function: Callable, variables: list, arrays: list) -> list[np.ndarray]:
    import tensorflow as tf

    given = [tf.constant(array) for array in arrays]
    sources = [*(variable.value for variable in variables), *filter(lambda x: x.dtype.is_floating, given)]
    with tf.GradientTape() as tape:
        tape.watch(sources)
        total = function(*given)
    found = tape.gradient(total, sources, unconnected_gradients=tf.UnconnectedGradients.ZERO)
    # An embedding's gradient comes as the rows that were read.
    return [tf.convert_to_tensor(part).numpy() for part in found]


def _by_torch(function: Callable, variables: list, arrays: list) -> list[np.ndarray]:
    import torch

    given = [torch.tensor(array, requires_grad=_is_float(array)) for array in arrays]
    sources = [*(variable.value for variable in variables), *filter(lambda x: x.requires_grad, given)]
    # A total that nothing differentiable leads to would be an error.
    total = function(*given) + sum(0 * source.sum() for source in sources)
    return [part.numpy() for part in torch.autograd.grad(total, sources)]


def _by_jax(function: Callable, variables: list, arrays: list) -> list[np.ndarray]:
    import jax

    places = [number for number, array in enumerate(arrays) if _is_float(array)]

    def total(values: list[Any], inputs: list[Any]):
        given: list[Any] = [keras.ops.convert_to_tensor(array) for array in arrays]
        for place, value in zip(places, inputs, strict=True):
            given[place] = value
        with keras.StatelessScope(state_mapping=list(zip(variables, values, strict=True))):
            return function(*given)

    values = [variable.value for variable in variables]
    # Compiled as one: one by one, its operations take several times as long.
    slopes = jax.jit(jax.grad(total, argnums=(0, 1)))
    by_variable, by_input = slopes(values, [arrays[place] for place in places])
    return [np.asarray(part) for part in (*by_variable, *by_input)]
