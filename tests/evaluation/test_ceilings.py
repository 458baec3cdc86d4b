"""PCA against the singular value decomposition, and the mean."""

from __future__ import annotations

import numpy as np
import pytest

from course_lib.evaluation.ceilings import mean_reconstruction, pca_reconstruction, pca_reconstructions


@pytest.fixture(scope="module")
def features() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    mixing = rng.normal(size=(60, 12, 10)) * (0.9 ** np.arange(60))[:, None, None]
    draw = lambda n: np.tensordot(rng.normal(size=(n, 60)), mixing, 1) + 2.0  # noqa: E731
    return draw(80).astype(np.float32), draw(30).astype(np.float32)


@pytest.mark.parametrize("k", [1, 5, 15, 19, 40, 80])
def test_is_the_projection_on_singular_vectors(features, k):
    """Both solvers: a few components of many, and all of them."""
    train, test = (part.reshape(len(part), -1).astype(np.float64) for part in features)
    mean = train.mean(axis=0)
    basis = np.linalg.svd(train - mean, full_matrices=False)[2][:k]
    expected = (test - mean) @ basis.T @ basis + mean
    ours = pca_reconstruction(*features, k)
    assert ours.shape == features[1].shape
    assert ours.dtype == np.float32
    np.testing.assert_allclose(ours.reshape(30, -1), expected, atol=2e-3)


def test_more_components_are_nearer_and_repeatable(features):
    train, test = features
    rebuilt = pca_reconstructions(train, test, [2, 8, 32])
    errors = [np.square(rebuilt[k] - test).mean() for k in (2, 8, 32)]
    assert errors == sorted(errors, reverse=True)
    again = pca_reconstructions(train, test, [2, 8, 32])
    for k, value in rebuilt.items():
        np.testing.assert_array_equal(value, again[k])


def test_one_fit_serves_several_sizes(features):
    several = pca_reconstructions(*features, [3, 12])
    for k in (3, 12):
        np.testing.assert_allclose(several[k], pca_reconstruction(*features, k), atol=1e-4)


def test_training_clips_come_back_when_nothing_is_dropped(features):
    train, _ = features
    np.testing.assert_allclose(pca_reconstruction(train, train, 80), train, atol=1e-3)


def test_mean_knows_no_test_clip(features):
    train, test = features
    mean = mean_reconstruction(train, test)
    assert mean.shape == test.shape
    np.testing.assert_allclose(mean[7], train.mean(axis=0), atol=1e-5)
    mean[0] = 0  # a copy, not a view of one clip
    assert mean[1].any()


@pytest.mark.parametrize("k", [0, 81])
def test_impossible_numbers_of_components(features, k):
    with pytest.raises(ValueError, match=rf"between 1 and 80 here; received \[{k}\]"):
        pca_reconstruction(*features, k)


def test_features_that_do_not_fit(features):
    train, test = features
    with pytest.raises(ValueError, match=r"received \(80, 12, 10\) and \(30, 12, 9\)"):
        mean_reconstruction(train, test[..., :9])
    with pytest.raises(ValueError, match="test features hold NaN"):
        mean_reconstruction(train, np.full_like(test, np.nan))
