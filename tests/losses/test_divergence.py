"""Divergences and the Gaussian likelihood against SciPy, sampling and finite differences."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from course_lib.losses.divergence import free_bits, kl_of_gaussians, kl_to_standard_normal
from course_lib.losses.likelihood import gaussian_surprise
from tests.gradients import check_gradient

RNG = np.random.default_rng(0)
MEAN, LOG_VARIANCE, PRIOR_MEAN, PRIOR_LOG_VARIANCE = RNG.standard_normal((4, 6, 3))


def _integral(mean: float, log_variance: float, prior_mean: float, prior_log_variance: float) -> float:
    q, p = norm(mean, np.exp(log_variance / 2)), norm(prior_mean, np.exp(prior_log_variance / 2))
    return quad(lambda z: q.pdf(z) * (q.logpdf(z) - p.logpdf(z)), *q.interval(1 - 1e-13), epsabs=1e-10)[0]


@pytest.mark.parametrize("row", range(6))
def test_kl_is_the_integral(row):
    arguments = [array[row, 1] for array in (MEAN, LOG_VARIANCE, PRIOR_MEAN, PRIOR_LOG_VARIANCE)]
    made = float(kl_of_gaussians(*(np.float64(value) for value in arguments)))
    assert made == pytest.approx(_integral(*arguments), rel=1e-5)
    standard = float(kl_to_standard_normal(*(np.float64(value) for value in arguments[:2])))
    assert standard == pytest.approx(_integral(*arguments[:2], 0.0, 0.0), rel=1e-5)


def test_kl_of_the_prior_with_itself_is_zero_and_shapes_stay():
    zero = np.zeros((4, 3))
    np.testing.assert_array_equal(kl_to_standard_normal(zero, zero), zero)
    np.testing.assert_array_equal(kl_of_gaussians(MEAN, LOG_VARIANCE, MEAN, LOG_VARIANCE), np.zeros((6, 3)))
    np.testing.assert_allclose(
        kl_of_gaussians(MEAN, LOG_VARIANCE, np.zeros(3), np.zeros(3)),
        kl_to_standard_normal(MEAN, LOG_VARIANCE),
    )
    # Where the posterior has all but reached the prior, single precision still has digits left.
    near = np.float32(1e-4)
    assert float(kl_to_standard_normal(np.float32(0), near)) == pytest.approx(2.5e-9, rel=1e-2)


def test_free_bits_spare_each_latent_by_its_mean():
    kl = np.array([[0.0, 3.0, 0.2], [1.0, 5.0, 0.2]])
    assert float(free_bits(kl, 0.0)) == pytest.approx(4.7)
    assert float(free_bits(kl, 0.5)) == pytest.approx(0.5 + 4.0 + 0.5)
    assert float(free_bits(kl, 9.0)) == pytest.approx(27.0)


def test_surprise_is_scipys_summed_over_a_clip():
    target, estimate = RNG.standard_normal((2, 5, 7, 3))
    for log_scale in (np.float64(-0.7), np.array([0.3, -1.0, 0.0])):
        expected = -norm(estimate, np.exp(log_scale)).logpdf(target).sum(axis=(1, 2))
        np.testing.assert_allclose(gaussian_surprise(target, estimate, log_scale), expected, rtol=1e-6)


def test_the_best_scale_is_the_root_mean_square_error():
    target, estimate = RNG.standard_normal((2, 40, 9, 2))
    best = np.log(np.sqrt(np.mean((target - estimate) ** 2)))
    at = [float(keras.ops.mean(gaussian_surprise(target, estimate, best + d))) for d in (-0.05, 0.0, 0.05)]
    assert at[1] < min(at[0], at[2])


TARGET = RNG.standard_normal((2, 4, 3))
SCALARS = {
    "kl by mean": (lambda x: keras.ops.sum(kl_to_standard_normal(x, LOG_VARIANCE)), MEAN),
    "kl by log-variance": (lambda x: keras.ops.sum(kl_to_standard_normal(MEAN, x)), LOG_VARIANCE),
    "kl by prior mean": (
        lambda x: keras.ops.sum(kl_of_gaussians(MEAN, LOG_VARIANCE, x, PRIOR_LOG_VARIANCE)),
        PRIOR_MEAN,
    ),
    "kl by prior log-variance": (
        lambda x: keras.ops.sum(kl_of_gaussians(MEAN, LOG_VARIANCE, PRIOR_MEAN, x)),
        PRIOR_LOG_VARIANCE,
    ),
    "free bits": (lambda x: free_bits(kl_to_standard_normal(x, LOG_VARIANCE), 0.6), MEAN),
    "surprise by estimate": (
        lambda x: keras.ops.sum(gaussian_surprise(TARGET, x, np.array([0.2, -0.5, 0.1]))),
        RNG.standard_normal((2, 4, 3)),
    ),
    "surprise by scale": (
        lambda x: keras.ops.sum(gaussian_surprise(TARGET, TARGET + 0.3, x)),
        np.array([0.2, -0.5, 0.1]),
    ),
}


@pytest.mark.parametrize("name", SCALARS)
def test_gradients_are_the_finite_differences(name):
    function, point = SCALARS[name]
    check_gradient(function, point)
