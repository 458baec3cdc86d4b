"""The Jacobian's norm in closed form, by finite differences, and its gradient; the L1 norm of latents."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from course_lib.losses.contraction import estimated_contraction, sigmoid_contraction
from course_lib.losses.sparsity import mean_activity
from tests.gradients import check_gradient

RNG = np.random.default_rng(0)
X = RNG.standard_normal((4, 12))
KERNEL = RNG.standard_normal((12, 5)) / 3
BIAS = RNG.standard_normal(5) / 3


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def as_numpy(x):
    return keras.ops.convert_to_numpy(x)


def jacobian(x, step=1e-5):
    """Of one sigmoid layer at one clip, by central differences, shape (latent_dim, numbers)."""
    moves = step * np.eye(len(x))
    return ((sigmoid((x + moves) @ KERNEL + BIAS) - sigmoid((x - moves) @ KERNEL + BIAS)) / (2 * step)).T


def test_the_closed_form_is_the_norm_of_the_jacobian():
    expected = [np.sum(jacobian(x) ** 2) for x in X]
    made = as_numpy(sigmoid_contraction(sigmoid(X @ KERNEL + BIAS), KERNEL))
    np.testing.assert_allclose(made, expected, rtol=1e-5)


def test_the_estimate_is_the_closed_form_within_two_per_cent():
    exact = as_numpy(sigmoid_contraction(sigmoid(X @ KERNEL + BIAS), KERNEL)).sum()
    step, count = 1e-3, 40_000
    total = 0.0
    for x in X:
        noise = RNG.standard_normal((count, 12))
        latents = np.broadcast_to(sigmoid(x @ KERNEL + BIAS), (count, 5))
        moved = sigmoid((x + step * noise) @ KERNEL + BIAS)
        total += as_numpy(estimated_contraction(latents, moved, step)).mean()
    assert total == pytest.approx(exact, rel=0.02)


def test_a_linear_encoder_needs_no_small_step():
    """|J u|^2 is what a step changes, exactly: any step gives the same number."""
    noise = RNG.standard_normal((4, 12))
    latents = X @ KERNEL
    for step in (1e-2, 1.0, 50.0):
        made = as_numpy(estimated_contraction(latents, (X + step * noise) @ KERNEL, step))
        np.testing.assert_allclose(made, ((noise @ KERNEL) ** 2).sum(1), rtol=1e-6)


def test_mean_activity_is_the_l1_norm():
    np.testing.assert_allclose(as_numpy(mean_activity(X)), np.abs(X).mean(1), rtol=1e-6)
    np.testing.assert_array_equal(as_numpy(mean_activity(np.zeros((3, 5)))), 0)


def losses():
    """Each loss as a function of one array."""
    moved = sigmoid(X @ KERNEL + BIAS) + 0.01 * RNG.standard_normal((4, 5))
    return {
        "kernel": (lambda w: sigmoid_contraction(keras.ops.sigmoid(X @ w + BIAS), w), KERNEL),
        "latents": (lambda h: sigmoid_contraction(h, KERNEL), sigmoid(X @ KERNEL + BIAS)),
        "estimate": (lambda h: estimated_contraction(h, moved, 0.01), sigmoid(X @ KERNEL + BIAS)),
        "activity": (mean_activity, X),
    }


@pytest.mark.parametrize("name", ["kernel", "latents", "estimate", "activity"])
def test_gradients_are_those_of_finite_differences(name):
    check_gradient(*losses()[name])
