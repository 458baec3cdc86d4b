"""Adversarial losses against NumPy, their values at the best critic, and their gradients."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from course_lib.losses.adversarial import LOSSES, adversarial_loss

RNG = np.random.default_rng(3)
REAL, FAKE = (2 * RNG.standard_normal((2, 64))).astype(np.float32)


def _sigmoid(x):
    return 1 / (1 + np.exp(-x.astype(np.float64)))


LITERAL = {
    "minimax": (
        lambda r, f: -np.log(_sigmoid(r)) - np.log(1 - _sigmoid(f)),
        lambda f: np.log(1 - _sigmoid(f)),
    ),
    "non_saturating": (
        lambda r, f: -np.log(_sigmoid(r)) - np.log(1 - _sigmoid(f)),
        lambda f: -np.log(_sigmoid(f)),
    ),
    "least_squares": (lambda r, f: 0.5 * (r - 1) ** 2 + 0.5 * f**2, lambda f: 0.5 * (f - 1) ** 2),
    "hinge": (lambda r, f: np.maximum(0, 1 - r) + np.maximum(0, 1 + f), lambda f: -f),
    "wasserstein": (lambda r, f: f - r, lambda f: -f),
}


@pytest.mark.parametrize("name", LOSSES)
def test_against_the_formula(name):
    critic, generator = LITERAL[name]
    loss = LOSSES[name]
    np.testing.assert_allclose(loss.critic(REAL[:, None], FAKE[:, None], 0.0), critic(REAL, FAKE), rtol=1e-4)
    np.testing.assert_allclose(loss.generator(FAKE[:, None]), generator(FAKE), rtol=1e-4, atol=1e-6)


def _best_critic_value(name, p, q):
    """The critic's smallest mean loss on two distributions of three outcomes, found score by score."""
    grid = np.linspace(-6, 6, 4001).astype(np.float32)
    ones = np.ones_like(grid)
    loss = LOSSES[name]
    real = np.asarray(loss.critic(grid, 0 * ones, 0.0)) - float(
        loss.critic(ones[:1] * 0, ones[:1] * 0, 0.0)[0]
    )
    fake = np.asarray(loss.critic(0 * ones, grid, 0.0))
    return sum((a * real + b * fake).min() for a, b in zip(p, q, strict=True))


P, Q = np.array([0.5, 0.3, 0.2]), np.array([0.2, 0.3, 0.5])


def test_the_best_critic_measures_the_jensen_shannon_divergence():
    """Goodfellow's theorem: max V = -log 4 + 2 JSD, so the smallest cross-entropy is log 4 - 2 JSD."""
    middle = (P + Q) / 2
    jsd = 0.5 * (P * np.log(P / middle)).sum() + 0.5 * (Q * np.log(Q / middle)).sum()
    assert _best_critic_value("minimax", P, Q) == pytest.approx(np.log(4) - 2 * jsd, abs=1e-4)
    assert _best_critic_value("minimax", P, P) == pytest.approx(np.log(4), abs=1e-4)


def test_the_best_least_squares_critic_measures_a_chi_squared_divergence():
    expected = 0.5 * (P * Q / (P + Q)).sum()
    assert _best_critic_value("least_squares", P, Q) == pytest.approx(expected, abs=1e-4)


def test_the_best_hinge_critic_measures_the_total_variation():
    variation = 0.5 * np.abs(P - Q).sum()
    assert _best_critic_value("hinge", P, Q) == pytest.approx(2 - 2 * variation, abs=1e-3)


def test_the_wasserstein_loss_is_the_difference_of_means():
    made = np.mean(keras.ops.convert_to_numpy(LOSSES["wasserstein"].critic(REAL, FAKE, 0.0)))
    assert made == pytest.approx(FAKE.mean() - REAL.mean(), abs=1e-5)


def test_a_sure_critic_silences_minimax_and_not_its_cure():
    """The lesson of lab 05, as slopes at a score of -8."""
    slope = {
        name: float(
            LOSSES[name].generator(np.float32([-8.001]))[0] - LOSSES[name].generator(np.float32([-7.999]))[0]
        )
        / -0.002
        for name in ("minimax", "non_saturating")
    }
    assert abs(slope["minimax"]) < 1e-2
    assert slope["non_saturating"] == pytest.approx(-1, abs=0.05)


def test_smoothing_lowers_the_label_of_real_clips_only():
    """The best score is then log((1 - s) / s) on clips that are always real."""
    scores = np.linspace(0, 6, 6001).astype(np.float32)
    made = np.asarray(LOSSES["minimax"].critic(scores, np.full_like(scores, -50), 0.1))
    assert scores[made.argmin()] == pytest.approx(np.log(0.9 / 0.1), abs=0.01)
    squares = np.asarray(LOSSES["least_squares"].critic(scores, 0 * scores, 0.1))
    assert scores[squares.argmin()] == pytest.approx(0.9, abs=0.01)


def test_an_unknown_name_lists_the_known():
    with pytest.raises(ValueError, match="unknown adversarial loss 'wgan'; expected one of minimax, non_sat"):
        adversarial_loss("wgan")
