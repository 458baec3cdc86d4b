"""Losses against NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from course_lib.losses.reconstruction import loudness_error, mean_absolute, mean_squared
from tests.gradients import check_gradient

RNG = np.random.default_rng(0)
TARGET, ESTIMATE = RNG.standard_normal((2, 5, 7, 3)).astype(np.float32)
FLOOR = np.array([-3.0, -2.5, -4.0], np.float32)


def test_mean_errors():
    difference = TARGET.astype(np.float64) - ESTIMATE
    np.testing.assert_allclose(mean_absolute(TARGET, ESTIMATE), np.abs(difference).mean((1, 2)), rtol=1e-5)
    np.testing.assert_allclose(mean_squared(TARGET, ESTIMATE), (difference**2).mean((1, 2)), rtol=1e-5)


def test_loudness_error():
    def heard(x):
        return 0.7 * (np.exp(0.5 * (x.astype(np.float64) - FLOOR)) - 1)

    expected = ((heard(TARGET) - heard(ESTIMATE)) ** 2).mean((1, 2))
    expected += 0.2 * np.abs(TARGET - ESTIMATE).mean((1, 2))
    made = loudness_error(TARGET, ESTIMATE, floor=FLOOR, gain=0.7, exponent=0.5, log_weight=0.2)
    np.testing.assert_allclose(made, expected, rtol=1e-4)


def test_an_error_in_a_loud_frame_costs_more():
    quiet, loud = np.full((1, 4, 3), -2.0, np.float32), np.full((1, 4, 3), 2.0, np.float32)
    cost = [float(loudness_error(x, x + 0.1, floor=FLOOR, gain=1.0)[0]) for x in (quiet, loud)]
    assert cost[1] > 10 * cost[0]


@pytest.mark.parametrize("loss", [mean_absolute, mean_squared])
def test_no_error_is_zero(loss):
    np.testing.assert_array_equal(loss(TARGET, TARGET), np.zeros(5))


def test_loudness_error_of_an_absurd_estimate_is_finite():
    made = loudness_error(TARGET, TARGET + 1e5, floor=FLOOR, gain=1.0)
    assert np.isfinite(np.asarray(made)).all()


@pytest.mark.parametrize("loss", [mean_absolute, mean_squared])
def test_gradients_are_those_of_finite_differences(loss):
    check_gradient(lambda x: loss(TARGET[:2, :3].astype(np.float64), x), ESTIMATE[:2, :3])


def test_gradient_of_the_loudness_error_is_that_of_finite_differences():
    target, floor = TARGET[:2, :3].astype(np.float64), FLOOR.astype(np.float64)
    check_gradient(lambda x: loudness_error(target, x, floor=floor, gain=0.7), ESTIMATE[:2, :3])
