"""A Gaussian for every combination of digit and speaker, and latents turned so that it fits."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from course_lib.models.aligned import aligned_decoder, aligned_encoder
from course_lib.models.cell_prior import cell_prior, fit_cell_prior
from course_lib.models.condition import one_hot
from course_lib.models.principal import decorrelate_within, start_from_principal_components
from course_lib.models.vae import VAE

SIZES = (3, 2)


def gaussians(prior, numbers):
    mean, log_variance = np.split(
        keras.ops.convert_to_numpy(prior(one_hot(np.asarray(numbers), SIZES))), 2, axis=1
    )
    return mean, np.exp(log_variance)


@pytest.fixture(scope="module")
def fitted():
    """(prior, latents (1200, 4), numbers (1200, 2)); digit 2 of speaker 1 is not among them."""
    rng = np.random.default_rng(0)
    numbers = np.column_stack([rng.integers(0, 3, 1200), rng.integers(0, 2, 1200)])
    numbers[(numbers == (2, 1)).all(axis=1)] = (2, 0)
    means = np.array([[0.0, 4, -2]]).T + np.array([[1.0, -1]]) + [[0, 0.5], [0, 0], [0, 0]]
    spread = np.where(numbers[:, 0] == 0, 0.5, 2.0)
    latents = means[numbers[:, 0], numbers[:, 1]][:, None] + spread[:, None] * rng.standard_normal((1200, 4))
    prior = cell_prior(SIZES, 4)
    assert not keras.ops.convert_to_numpy(prior(one_hot(numbers[:2], SIZES))).any()
    fit_cell_prior(prior, latents, numbers, SIZES)
    return prior, latents, numbers


def test_each_cell_has_its_mean_and_variance(fitted):
    prior, latents, numbers = fitted
    for cell in ((0, 0), (0, 1), (1, 0), (1, 1), (2, 0)):
        own = latents[(numbers == cell).all(axis=1)]
        mean, variance = gaussians(prior, [cell])
        np.testing.assert_allclose(mean[0], own.mean(axis=0), atol=0.05)
        # A tenth of it or less is what all cells share: ten clips' worth beside two hundred.
        shared = 2.4
        expected = (len(own) * own.var(axis=0) + 10 * shared) / (len(own) + 10)
        np.testing.assert_allclose(variance[0], expected, rtol=0.15)


def test_a_combination_that_was_never_heard_is_put_together(fitted):
    prior, _, _ = fitted
    mean, variance = gaussians(prior, [(2, 1)])
    # Digit 2 lies at -2, speaker 1 by 1.75 below speaker 0 on average: 0.5 of them only in digit 0.
    assert np.all(np.abs(mean[0] + 2.75) < 0.6)
    assert np.all((variance[0] > 1) & (variance[0] < 4))


def test_an_unknown_speaker_is_the_mean_of_those_known(fitted):
    prior, _, _ = fitted
    condition = one_hot(np.array([[1, 0]]), SIZES)
    condition[:, 3:] = 0
    mean = keras.ops.convert_to_numpy(prior(condition))[0, :4]
    known = gaussians(prior, [(1, 0), (1, 1)])[0]
    assert np.all((mean > known.min(axis=0) - 0.2) & (mean < known.max(axis=0) + 0.2))


def test_one_field_needs_no_combinations():
    prior = cell_prior((3,), 2)
    latents = np.array([[0.0, 1], [0, 1.2], [5, 1], [5.2, 1], [9, 0], [9, 0.2]])
    fit_cell_prior(prior, latents, np.array([[0], [0], [1], [1], [2], [2]]), (3,))
    mean = keras.ops.convert_to_numpy(prior(np.eye(3, dtype=np.float32)))[:, :2]
    np.testing.assert_allclose(mean, [[0, 1.1], [5.1, 1], [9, 0.1]], atol=0.05)


def test_latents_become_independent_within_kinds_and_the_sound_stays(clips):
    kinds = np.arange(40) % 2
    features = clips + 0.3 * kinds[:, None, None]
    model = VAE(aligned_encoder((64, 8), 5, width=4, spread=True), aligned_decoder((64, 8), 5, width=4))
    start_from_principal_components(model, features)
    before = model.reconstruct(features)
    decorrelate_within(model, features, kinds)
    np.testing.assert_allclose(model.reconstruct(features), before, atol=1e-3)
    content = model.encode(features)[0][:, 1:]
    rest = content - np.stack([content[kinds == kind].mean(axis=0) for kind in (0, 1)])[kinds]
    np.testing.assert_allclose(rest.T @ rest / 40, np.eye(4), atol=1e-2)


def test_a_spread_head_stands_behind_the_means(clips):
    plain = aligned_encoder((64, 8), 5, width=4)
    wide = aligned_encoder((64, 8), 5, width=4, spread=True)
    for one, other in zip(plain.weights, wide.weights, strict=False):
        other.assign(one)
    both = keras.ops.convert_to_numpy(wide(clips))
    assert both.shape == (40, 10)
    np.testing.assert_allclose(both[:, :5], keras.ops.convert_to_numpy(plain(clips)), atol=1e-5)
    np.testing.assert_allclose(both[:, 5:], -3.0)
