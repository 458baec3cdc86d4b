"""How the judge is trained: batches, targets, temperature, and a tiny training that learns."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from course_lib.training.judge.fitting import JudgeBatches, fit
from course_lib.training.judge.material import NO_DIGIT, Examples, no_digits, representation
from course_lib.training.judge.measure import at_temperature, fit_temperature, probabilities
from course_lib.training.judge.settings import JudgeSettings

TINY = JudgeSettings(
    width=16,
    depth=1,
    dropout=0.1,
    epochs=20,
    batch_size=16,
    learning_rate=0.01,
    tract=0.05,
)


@pytest.fixture(scope="module")
def toy() -> Examples:
    """Three "digits": energy in low, middle or high bands, shape (96, 16, 24); every fourth holds none."""
    rng = np.random.default_rng(0)
    label = np.arange(96) % 4
    features = np.abs(0.1 * rng.standard_normal((96, 16, 24)))
    for row, kind in enumerate(label):
        if kind < 3:
            features[row, 2:14, 8 * kind : 8 * kind + 8] += 2
    label = np.where(label == 3, NO_DIGIT, label)
    return Examples(features.astype(np.float32), label, np.full(96, "a"), np.arange(96))


def test_batches_repeat_by_seed_and_change_by_epoch(toy):
    one, same = JudgeBatches(toy, TINY, seed=3), JudgeBatches(toy, TINY, seed=3)
    assert one.num_batches == 6
    first, targets = one[2]
    np.testing.assert_array_equal(first, same[2][0])
    np.testing.assert_array_equal(targets, same[2][1])
    one.on_epoch_end()
    assert np.abs(one[2][0] - first).max() > 0.1


def test_targets_are_smoothed_and_even_where_no_digit_is_spoken(toy):
    batches = JudgeBatches(toy, TINY)
    np.testing.assert_allclose(batches.targets.sum(axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(batches.targets[toy.label == NO_DIGIT], 0.1)
    np.testing.assert_allclose(batches.targets[toy.label == 2].max(axis=1), 0.91)


def test_mixtures_mix_both(toy):
    mixing = dataclasses.replace(TINY, mixture=5.0)
    x, y = mixing.vary(
        toy.features[:16], np.eye(10, dtype=np.float32)[toy.label[:16]], np.random.default_rng(0)
    )
    assert x.shape == (16, 16, 24)
    np.testing.assert_allclose(y.sum(axis=1), 1, atol=1e-6)
    assert ((y > 0.05) & (y < 0.95)).any()


def test_a_tiny_judge_learns_digits_and_doubt(toy):
    heard = probabilities(fit(toy, TINY), toy)
    spoken = toy.label != NO_DIGIT
    assert np.mean(heard[spoken].argmax(axis=1) == toy.label[spoken]) > 0.9
    assert heard[~spoken].max(axis=1).mean() < heard[spoken].max(axis=1).mean() - 0.2


def test_sounds_without_digits_are_varied_finite_and_repeatable():
    sounds = no_digits(8, seed=1)
    np.testing.assert_array_equal(sounds, no_digits(8, seed=1))
    assert sounds.shape == (8, 8192)
    assert np.abs(sounds).max() <= 1
    assert not sounds[0].any()
    assert sounds[1:4].any(axis=1).all()
    assert not representation().encode(sounds[:1]).any()


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.5])
def test_temperature_is_recovered(temperature):
    rng = np.random.default_rng(0)
    logits = 2 * rng.standard_normal((4000, 10))
    true = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    label = np.array([rng.choice(10, p=row) for row in true])
    # A judge whose logits are too large by this factor.
    told = at_temperature(true, 1 / temperature)
    found = fit_temperature(told, label)
    assert found == pytest.approx(temperature, rel=0.1)
    np.testing.assert_allclose(at_temperature(told, temperature), true, atol=1e-6)
