"""The Fréchet distance against closed forms and SciPy's matrix root."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import sqrtm

from course_lib.evaluation.generation import frechet_against_floor, frechet_distance
from course_lib.evaluation.generation.frechet import frechet_of_gaussians


def _exactly(mean, covariance, *, clips: int = 400, seed: int = 0) -> np.ndarray:
    """Clips whose sample mean and covariance are these to rounding."""
    mean, covariance = np.asarray(mean, float), np.asarray(covariance, float)
    x = np.random.default_rng(seed).normal(size=(clips, len(mean)))
    x -= x.mean(axis=0)
    x = x @ np.linalg.inv(np.linalg.cholesky(np.cov(x, rowvar=False))).T
    values, vectors = np.linalg.eigh(covariance)
    return x @ (vectors * np.sqrt(np.maximum(values, 0))).T + mean


def _covariance(size: int, seed: int) -> np.ndarray:
    a = np.random.default_rng(seed).normal(size=(size, size))
    return a @ a.T / size + 0.1 * np.eye(size)


def test_two_gaussians_on_the_same_axes():
    """Distance of the means, and of the standard deviations, squared."""
    a, b = np.array([1.0, 4, 0.25]), np.array([9.0, 1, 0.25])
    real, made = _exactly([0, 0, 0], np.diag(a)), _exactly([1, -2, 2], np.diag(b), seed=1)
    expected = 9 + np.sum((np.sqrt(a) - np.sqrt(b)) ** 2)
    assert frechet_distance(real, made) == pytest.approx(expected, rel=1e-9)
    assert frechet_distance(made, real) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_is_scipys_matrix_root(seed):
    c1, c2 = _covariance(12, seed), _covariance(12, 100 + seed)
    m1, m2 = np.random.default_rng(seed).normal(size=(2, 12))
    expected = np.sum((m1 - m2) ** 2) + np.trace(c1 + c2 - 2 * sqrtm(c1 @ c2).real)
    assert frechet_of_gaussians(m1, c1, m2, c2) == pytest.approx(expected, rel=1e-8)


def test_equal_clips_are_at_zero_and_a_shift_is_its_length():
    real = np.random.default_rng(2).normal(size=(300, 64)) @ _covariance(64, 3)
    assert frechet_distance(real, real[::-1]) == pytest.approx(0, abs=1e-9)
    assert frechet_distance(real, real + 0.5) == pytest.approx(16, rel=1e-9)


def test_singular_covariances_are_no_trouble():
    """All clips alike: what remains is the mean's distance and the real ones' whole variance."""
    real = np.random.default_rng(4).normal(size=(500, 20))
    collapsed = np.ones((100, 20))
    expected = np.sum((1 - real.mean(axis=0)) ** 2) + real.var(axis=0, ddof=1).sum()
    assert frechet_distance(real, collapsed) == pytest.approx(expected, rel=1e-9)
    flat = real.copy()
    flat[:, 10:] = 3 * flat[:, :10]
    assert frechet_distance(flat, flat) == pytest.approx(0, abs=1e-9)
    assert frechet_distance(collapsed, collapsed) == 0


def test_floor_is_what_real_clips_score_and_falls_with_their_number():
    rng = np.random.default_rng(5)
    real = rng.normal(size=(2000, 16))
    few = frechet_against_floor(real[:200], rng.normal(size=(500, 16)), seed=1)
    many = frechet_against_floor(real, rng.normal(size=(5000, 16)), seed=1)
    assert (few["clips"], many["clips"]) == (100, 1000)
    # For the means 2 tr(C) / n, for the covariances a quarter of the squared norm of their difference.
    assert many["floor"] == pytest.approx((2 * 16 + 16 * 17 / 2) / 1000, rel=0.1)
    assert few["floor"] > 7 * many["floor"]
    assert 0.75 < many["ratio"] < 1.3
    off = frechet_against_floor(real, rng.normal(0.3, size=(1000, 16)), seed=1)
    assert off["distance"] == pytest.approx(16 * 0.09 + many["floor"], rel=0.15)
    assert off["ratio"] == pytest.approx(off["distance"] / off["floor"])


@pytest.mark.parametrize(
    ("real", "made", "message"),
    [
        (np.zeros((200, 65)), np.zeros((200, 65)), "at most 64 features; received 65: project"),
        (np.zeros((200, 20)), np.zeros((20, 20)), "takes more than 20 clips; received 20"),
        (np.zeros((50, 5)), np.zeros((50, 6)), "received 5 and 6 numbers a clip: take both from one judge"),
        (np.zeros((50, 5)), np.full((50, 5), np.inf), "generated features of 50 clips hold NaN"),
        (np.zeros((50, 2, 5)), np.zeros((50, 5)), r"real features of shape \(clips, features\)"),
        (np.zeros((1, 5)), np.zeros((50, 5)), "real features of 2 clips or more; received 1"),
    ],
)
def test_what_cannot_be_compared(real, made, message):
    with pytest.raises(ValueError, match=message):
        frechet_distance(real, made)
