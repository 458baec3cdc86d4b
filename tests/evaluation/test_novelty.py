"""Copies, likenesses and new clips; classes that are never made."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from scipy.stats import mannwhitneyu

from course_lib.evaluation.generation import copies, memorisation, missing_classes


def _clips(clips: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(clips, 12)) + 5


TRAIN, HELD_OUT, FRESH = _clips(500, 0), _clips(200, 1), _clips(300, 2)


def test_new_clips_are_as_near_as_held_out_ones():
    result = memorisation(TRAIN, HELD_OUT, FRESH)
    assert result["ratio"] == pytest.approx(1, abs=0.05)
    assert result["low"] < 1 < result["high"]
    assert result["nearer"] == pytest.approx(0.5, abs=0.06)
    assert result["copies"] == 0


def test_distances_and_their_order_written_out():
    result = memorisation(TRAIN, HELD_OUT, FRESH)
    made, unheard = cdist(FRESH, TRAIN).min(axis=1), cdist(HELD_OUT, TRAIN).min(axis=1)
    assert result["nearest"] == pytest.approx(made.mean())
    assert result["nearest_held_out"] == pytest.approx(unheard.mean())
    # Mann and Whitney's U counts the pairs in which the second is greater.
    assert result["nearer"] == pytest.approx(mannwhitneyu(unheard, made).statistic / (200 * 300))


@pytest.mark.parametrize("share", [0.2, 1.0])
def test_memorised_clips_are_found(share):
    n = round(300 * share)
    made = np.concatenate([TRAIN[:n], FRESH[n:]])
    result = memorisation(TRAIN, HELD_OUT, made)
    assert result["copies"] == pytest.approx(share)
    assert result["ratio"] == pytest.approx(1 - share, abs=0.05)
    assert result["nearer"] == pytest.approx(0.5 + share / 2, abs=0.05)
    assert result["high"] < 1 or share == 1


def test_nearly_memorised_clips_are_no_copies_but_too_near():
    made = TRAIN[:300] + 0.3 * _clips(300, 3) - 1.5
    result = memorisation(TRAIN, HELD_OUT, made)
    assert result["copies"] == 0
    assert result["ratio"] < 0.6
    assert result["nearer"] > 0.95


def test_noise_hides_copies_from_a_mean_but_not_from_the_order():
    """A tenth far away makes up for six tenths learnt by heart."""
    made = np.concatenate([TRAIN[:180], FRESH[:90], FRESH[:30] + 6])
    result = memorisation(TRAIN, HELD_OUT, made)
    assert result["ratio"] > 0.9
    assert result["nearer"] > 0.7
    assert result["copies"] == 0.6


def test_copies_of_sound_by_name():
    rng = np.random.default_rng(4)
    train = rng.uniform(-1, 1, size=(20, 400)).astype(np.float32)
    made = rng.uniform(-1, 1, size=(6, 400)).astype(np.float32)
    made[1], made[4] = train[7], train[7] + 1e-5
    made[5] = train[3] + 0.05 * rng.normal(size=400)
    np.testing.assert_array_equal(copies(train, made), [-1, 7, -1, -1, 7, -1])
    assert copies(train, made, tolerance=0.2)[5] == 3
    np.testing.assert_array_equal(copies(train.reshape(20, 20, 20), train.reshape(20, 20, 20)), range(20))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: memorisation(TRAIN, TRAIN[:50], FRESH), "every held-out clip is in the training set"),
        (lambda: memorisation(TRAIN, HELD_OUT[:, 1:], FRESH), "training and held-out clips need the same"),
        (lambda: memorisation(TRAIN, HELD_OUT, np.full((9, 12), np.nan)), "generated features of 9 clips"),
        (lambda: copies(TRAIN, FRESH[:, 1:]), r"received \(500, 12\), \(300, 11\)"),
        (lambda: copies(TRAIN, FRESH[:0]), r"received \(500, 12\), \(0, 12\)"),
    ],
)
def test_what_cannot_be_compared(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def _heard(classes, sure: float = 0.91) -> np.ndarray:
    p = np.full((len(classes), 10), (1 - sure) / 9)
    p[np.arange(len(classes)), classes] = sure
    return p


def test_missing_classes_are_named():
    real = _heard(np.arange(500) % 10)
    assert missing_classes(real, _heard(np.arange(500) % 10)) == []
    assert missing_classes(real, _heard(np.arange(500) % 8)) == [8, 9]
    rare = np.r_[np.arange(490) % 9, np.full(4, 9)]
    assert missing_classes(real, _heard(rare)) == [9]
    # A class that real clips lack as well is not missed.
    assert missing_classes(_heard(np.arange(90) % 9), _heard(np.arange(90) % 8)) == [8]


def test_two_judges_cannot_be_mixed():
    with pytest.raises(ValueError, match="classes differ: 10 of real and 3 of generated"):
        missing_classes(_heard([0, 1]), np.eye(3))
