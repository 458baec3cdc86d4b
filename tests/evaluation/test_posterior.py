"""Active units, KL and the importance-weighted bound, where the answer is known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import logsumexp
from scipy.stats import norm

from course_lib.evaluation.latent import active_units, iwae_bound, kl_per_dimension


def test_only_latents_that_move_are_active():
    """Variances 1, 0.0121, 0.0081 and 0: the threshold of 0.01 lies between the second and the third."""
    unit = np.tile([-1.0, 1.0], 50)[:, None]
    mean = unit * [1.0, 0.11, 0.09, 0.0] + [0, 5, -3, 100]
    np.testing.assert_array_equal(active_units(mean), [True, True, False, False])
    assert active_units(mean, threshold=0.001).sum() == 3


def test_a_constant_offset_does_not_make_a_latent_active():
    assert not active_units(np.full((40, 8), 3.7)).any()


def test_kl_is_the_integral_of_its_definition():
    rng = np.random.default_rng(0)
    mean, log_variance = rng.normal(size=(7, 3)), rng.uniform(-4, 1, size=(7, 3))
    expected = np.zeros(3)
    for d in range(3):
        for m, lv in zip(mean[:, d], log_variance[:, d], strict=True):
            s = np.exp(lv / 2)
            x = np.linspace(m - 12 * s, m + 12 * s, 40001)
            q = norm.pdf(x, m, s)
            expected[d] += np.trapezoid(q * (norm.logpdf(x, m, s) - norm.logpdf(x)), x) / 7
    np.testing.assert_allclose(kl_per_dimension(mean, log_variance), expected, rtol=1e-6)


def test_kl_of_known_gaussians():
    """N(2, 1): 2 nats. N(0, e^-2): (e^-2 + 1) / 2. The prior itself: nothing, to the last digit."""
    mean, log_variance = np.tile([2.0, 0, 0], (5, 1)), np.tile([0, -2.0, 0], (5, 1))
    np.testing.assert_allclose(kl_per_dimension(mean, log_variance), [2, (np.exp(-2) + 1) / 2, 0], atol=1e-15)
    nearly = kl_per_dimension(np.zeros((4, 1)), np.full((4, 1), 1e-6))
    assert nearly[0] == pytest.approx(1e-12 / 4, rel=1e-3)


def test_bound_is_log_mean_exp():
    weights = np.random.default_rng(1).normal(-300, 20, size=(64, 9))
    expected = np.mean(logsumexp(weights, axis=0) - np.log(64))
    assert iwae_bound(weights) == pytest.approx(expected, abs=1e-10)
    assert iwae_bound(weights[:1]) == pytest.approx(weights[0].mean())
    assert iwae_bound(weights + 1000) == pytest.approx(iwae_bound(weights) + 1000)


def test_bound_rises_to_the_likelihood_of_a_model_that_can_be_solved():
    """x = z + noise, both standard normal: log p(x) is N(0, 2). A posterior that is wrong gives less."""
    rng = np.random.default_rng(2)
    x = rng.normal(0, np.sqrt(2), size=400)
    exact = norm.logpdf(x, scale=np.sqrt(2)).mean()

    def bound(samples, mean, scale):
        z = mean + scale * rng.normal(size=(samples, len(x)))
        return iwae_bound(norm.logpdf(x, z) + norm.logpdf(z) - norm.logpdf(z, mean, scale))

    # The exact posterior, N(x / 2, 1 / 2): every weight is log p(x).
    assert bound(3, x / 2, np.sqrt(0.5)) == pytest.approx(exact, abs=1e-12)
    bounds = [bound(samples, x / 2 + 0.7, 1.0) for samples in (1, 8, 64, 2000)]
    assert bounds == sorted(bounds)
    assert bounds[0] < exact - 0.3
    assert bounds[-1] == pytest.approx(exact, abs=0.01)


def test_a_sample_that_explains_nothing_counts_as_zero():
    assert iwae_bound([[0.0, -np.inf], [-np.inf, 2.0]]) == pytest.approx(1 - np.log(2))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: active_units(np.zeros(5)), r"shape \(clips, latent_dim\); received \(5,\)"),
        (lambda: active_units(np.zeros((1, 5))), "2 clips or more; received 1"),
        (lambda: active_units(np.full((4, 2), np.nan)), "means hold NaN"),
        (lambda: kl_per_dimension(np.zeros((4, 2)), np.zeros((4, 3))), r"received \(4, 2\) and \(4, 3\)"),
        (lambda: kl_per_dimension(np.zeros((4, 2)), np.full((4, 2), np.inf)), "log-variances hold NaN"),
        (lambda: iwae_bound(np.zeros(4)), r"shape \(samples, clips\); received \(4,\)"),
        (lambda: iwae_bound(np.full((3, 2), np.nan)), "NaN or plus infinity"),
        (lambda: iwae_bound([[-np.inf, 0.0]]), "1 clips have no finite log weight"),
    ],
)
def test_what_has_no_answer(call, message):
    with pytest.raises(ValueError, match=message):
        call()
