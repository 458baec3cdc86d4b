"""Muon on kernels, Adam on the rest, and an average of both."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from course_lib.training.averaging import averaged_weights
from course_lib.training.warm_muon import WarmMuon

RATE = 0.01
X = np.random.default_rng(0).standard_normal((16, 8, 6)).astype(np.float32)


def model(**options) -> keras.Model:
    keras.utils.set_random_seed(0)
    made = keras.Sequential(
        [
            keras.Input((8, 6)),
            keras.layers.Conv1D(4, 3, activation="tanh"),
            keras.layers.Dense(3, name="head"),
        ]
    )
    options = {"weight_decay": None, "adam_weight_decay": None} | options
    made.compile(WarmMuon(RATE, exclude_layers=["head"], **options), loss="mse")
    return made


def moved(made: keras.Model) -> list[np.ndarray]:
    before = made.get_weights()
    made.train_on_batch(X, X[:, :6, :3])
    return [new - old for new, old in zip(made.get_weights(), before, strict=True)]


def test_a_step_of_a_convolution_is_nearly_orthogonal():
    kernel, bias, head, _ = moved(model())
    assert kernel.shape == (3, 6, 4)
    size = np.linalg.svd(kernel.reshape(18, 4), compute_uv=False) / (RATE * 0.2 * np.sqrt(18))
    # Five turns of Newton and Schulz do not reach 1, and need not.
    assert (size > 0.5).all()
    assert (size < 1.4).all()
    # The first step of Adam is the learning rate in every entry that has a gradient.
    for adam in (bias, head):
        np.testing.assert_allclose(np.abs(adam), RATE, rtol=0.01)


def test_its_average_is_of_use_at_once():
    made = model(use_ema=True, ema_momentum=0.995, ema_overwrite_frequency=None)
    first = made.get_weights()[0]
    for _ in range(20):
        moved(made)
    last = made.get_weights()[0]
    with averaged_weights(made, steps=20):
        average = made.get_weights()[0]
    assert 0 < np.abs(average - last).max() < 0.5 * np.abs(first - last).max()


def test_it_learns_and_comes_back_from_its_config():
    made = model()
    losses = [made.train_on_batch(X, X[:, :6, :3]) for _ in range(60)]
    assert losses[-1] < 0.8 * losses[0]
    again = keras.optimizers.deserialize(keras.optimizers.serialize(made.optimizer))
    assert type(again) is WarmMuon
    assert again.exclude_layers == ["head"]


@pytest.mark.one_backend
def test_it_goes_on_where_its_variables_were():
    one, other = model(), model()
    moved(one)
    moved(other)
    for own, theirs in zip(other.optimizer.variables, one.optimizer.variables, strict=True):
        own.assign(theirs)
    for step, again in zip(moved(one), moved(other), strict=True):
        np.testing.assert_array_equal(step, again)
