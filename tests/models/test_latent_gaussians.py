"""Gaussians fitted to latents: they are found again, and draws follow them."""

from __future__ import annotations

import numpy as np
import pytest

from course_lib.models.latent_gaussians import LatentGaussians

MEANS = {"a": np.array([0.0, 3.0, 0.0]), "b": np.array([-4.0, 0.0, 1.0])}
ROOTS = {
    "a": np.array([[1.0, 0, 0], [0.8, 0.6, 0], [0, 0, 0.2]]),
    "b": np.array([[0.3, 0, 0], [0, 2.0, 0], [0.1, -0.5, 1.0]]),
}


def _latents(n: int, seed: int = 0):
    rng = np.random.default_rng(seed)
    kinds = ["ab"[i % 2] for i in range(n)]
    return np.stack([MEANS[k] + ROOTS[k] @ rng.standard_normal(3) for k in kinds]), kinds


def test_means_and_covariances_are_found():
    found = LatentGaussians(*_latents(20_000), pooled=0.0)
    assert found.kinds == ["a", "b"]
    assert found.counts.tolist() == [10_000, 10_000]
    for number, kind in enumerate("ab"):
        np.testing.assert_allclose(found.means[number], MEANS[kind], atol=0.06)
        np.testing.assert_allclose(
            found.roots[number] @ found.roots[number].T, ROOTS[kind] @ ROOTS[kind].T, atol=0.12
        )


def test_pooling_mixes_the_covariances():
    z, kinds = _latents(400)
    own, half, shared = (LatentGaussians(z, kinds, pooled=p) for p in (0.0, 0.5, 1.0))
    covariance = [g.roots @ g.roots.transpose(0, 2, 1) for g in (own, half, shared)]
    np.testing.assert_allclose(covariance[2][0], covariance[2][1], atol=1e-9)
    np.testing.assert_allclose(covariance[1], (covariance[0] + covariance[2]) / 2, atol=1e-5)


def test_draws_follow_what_was_fitted():
    fitted = LatentGaussians(*_latents(400), pooled=0.5)
    drawn = fitted.sample(["b"] * 20_000, seed=1)
    assert drawn.dtype == np.float32
    np.testing.assert_allclose(drawn.mean(axis=0), fitted.means[1], atol=0.06)
    np.testing.assert_allclose(np.cov(drawn.T), fitted.roots[1] @ fitted.roots[1].T, atol=0.12)
    np.testing.assert_array_equal(drawn, fitted.sample(["b"] * 20_000, seed=1))
    np.testing.assert_allclose(fitted.sample(["a", "b"], temperature=0), fitted.means, rtol=1e-6)
    assert np.std(fitted.sample(["a"] * 2000, seed=1, temperature=0.5), axis=0)[0] == pytest.approx(
        0.5 * np.linalg.norm(fitted.roots[0][0]), rel=0.1
    )


def test_fewer_clips_than_numbers_is_no_obstacle():
    rng = np.random.default_rng(0)
    z = rng.standard_normal((12, 30))
    z[:, 4] = 7.0
    drawn = LatentGaussians(z, [i % 3 for i in range(12)]).sample([0, 1, 2, 2], seed=0)
    assert drawn.shape == (4, 30)
    assert np.isfinite(drawn).all()
    np.testing.assert_allclose(drawn[:, 4], 7, atol=0.1)


@pytest.mark.parametrize(
    ("action", "message"),
    [
        (lambda: LatentGaussians(np.zeros((3, 2)), ["a", "a"]), r"received \(3, 2\) and 2 kinds"),
        (lambda: LatentGaussians(np.zeros((3, 2)), ["a", "a", "b"]), "kind 'b' has one clip"),
        (lambda: LatentGaussians(np.full((2, 2), np.nan), ["a", "a"]), "has diverged"),
        (lambda: LatentGaussians(*_latents(8), pooled=1.5), "between 0 and 1"),
        (lambda: LatentGaussians(*_latents(8)).sample(["c"]), "kind 'c' were fitted; expected one of a, b"),
        (lambda: LatentGaussians(*_latents(8)).sample(["a"], temperature=-1), "at least 0"),
    ],
)
def test_what_it_refuses(action, message):
    with pytest.raises(ValueError, match=message):
        action()
