"""Inception, modified inception and AM scores on probabilities whose score is known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import softmax
from scipy.stats import entropy

from course_lib.evaluation.generation import (
    am_score,
    inception_score,
    inception_score_in_halves,
    modified_inception_score,
)

ONE_HOT = np.eye(10)[np.arange(1000) % 10]


def _judged(clips: int, seed: int, *, sure: float = 2.0) -> np.ndarray:
    return softmax(sure * np.random.default_rng(seed).normal(size=(clips, 10)), axis=1)


def test_each_class_as_often_and_surely_scores_the_number_of_classes():
    assert inception_score(ONE_HOT) == pytest.approx(10, rel=1e-9)
    assert inception_score(ONE_HOT[ONE_HOT[:, 3:].sum(1) == 0]) == pytest.approx(3, rel=1e-9)
    # The marginals of halves are off by chance.
    assert inception_score_in_halves(ONE_HOT) == pytest.approx(10, rel=0.02)


@pytest.mark.parametrize("score", [inception_score, inception_score_in_halves, modified_inception_score])
def test_clips_that_all_sound_alike_score_one(score):
    assert score(np.tile(_judged(1, 0), (200, 1))) == pytest.approx(1, abs=1e-9)
    assert score(np.full((200, 10), 0.1)) == pytest.approx(1, abs=1e-12)


def test_inception_score_written_out():
    p = _judged(120, 1)
    divergences = [sum(row[c] * np.log(row[c] / p[:, c].mean()) for c in range(10)) for row in p]
    assert inception_score(p) == pytest.approx(np.exp(np.mean(divergences)), rel=1e-10)
    parts = np.array_split(p[np.random.default_rng(7).permutation(120)], 4)
    expected = np.mean([np.exp(np.mean([entropy(row, part.mean(axis=0)) for row in part])) for part in parts])
    assert inception_score(p, splits=4, seed=7) == pytest.approx(expected, rel=1e-10)


def test_halves_written_out():
    p = _judged(121, 2)
    mixed = p[np.random.default_rng(3).permutation(121)]
    one, other = mixed[:60], mixed[60:]
    logs = [np.mean([entropy(row, b.mean(axis=0)) for row in a]) for a, b in ((one, other), (other, one))]
    assert inception_score_in_halves(p, seed=3) == pytest.approx(np.exp(np.mean(logs)), rel=1e-10)


def test_few_clips_lie_on_either_side_of_the_truth():
    whole = inception_score(_judged(20000, 4, sure=4))
    few = [_judged(60, seed, sure=4) for seed in range(40)]
    plain, halves = (
        np.mean([score(p) for p in few]) for score in (inception_score, inception_score_in_halves)
    )
    assert plain < whole < halves


def test_modified_score_written_out_and_over_all_pairs():
    p = _judged(25, 5)
    every = np.exp(np.mean([[entropy(a, b) for b in p] for a in p]))
    assert modified_inception_score(p, pairs=None) == pytest.approx(every, rel=1e-9)
    rng = np.random.default_rng(6)
    a, b = rng.integers(25, size=(2, 200))
    drawn = np.exp(np.mean([entropy(p[i], p[j]) for i, j in zip(a, b, strict=True)]))
    assert modified_inception_score(p, pairs=200, seed=6) == pytest.approx(drawn, rel=1e-9)
    assert modified_inception_score(p, pairs=200_000) == pytest.approx(every, rel=0.02)


def test_pairs_of_two_known_clips():
    """Of two clips in equal number half the pairs are alike; the others diverge one way or the other."""
    a, b = np.array([0.7, 0.2, 0.1]), np.array([0.1, 0.1, 0.8])
    p = np.stack([a, b] * 50)
    expected = np.exp((entropy(a, b) + entropy(b, a)) / 4)
    assert modified_inception_score(p, pairs=None) == pytest.approx(expected, rel=1e-12)


def test_within_a_class_only_its_own_variety_counts():
    label = np.arange(400) % 4
    alike = np.full((4, 10), 0.01)
    alike[np.arange(4), np.arange(4)] = 0.91
    assert modified_inception_score(alike[label], labels=label) == pytest.approx(1, abs=1e-9)
    assert modified_inception_score(alike[label], pairs=None) > 5
    varied = _judged(400, 8)
    each = [modified_inception_score(varied[label == c], pairs=None) for c in range(4)]
    assert modified_inception_score(varied, labels=label, pairs=None) == pytest.approx(np.mean(each))


def test_am_score_of_known_shares():
    """Sure of every clip: only the classes' shares count. Real ones even, made ones half in class 0."""
    made = np.eye(10)[np.r_[np.zeros(450, int), np.arange(450) % 9 + 1]]
    expected = entropy(np.full(10, 0.1), [0.5] + [0.5 / 9] * 9)
    assert am_score(ONE_HOT, made) == pytest.approx(expected, abs=1e-7)
    assert am_score(ONE_HOT, ONE_HOT) == pytest.approx(0, abs=1e-7)


def test_am_score_of_a_judge_in_doubt_is_its_entropy():
    assert am_score(ONE_HOT, np.full((50, 10), 0.1)) == pytest.approx(np.log(10))
    p = np.array([0.9, 0.1])
    made = np.stack([p, p[::-1]] * 30)
    assert am_score(np.full((8, 2), 0.5), made) == pytest.approx(entropy(p))


def test_am_score_written_out():
    real, made = _judged(70, 9), _judged(90, 10)
    expected = entropy(real.mean(axis=0), made.mean(axis=0)) + np.mean([entropy(row) for row in made])
    assert am_score(real, made) == pytest.approx(expected, rel=1e-10)


def test_a_missing_class_costs_much_but_is_finite():
    made = ONE_HOT[ONE_HOT[:, 0] == 0]
    lost = am_score(ONE_HOT, made)
    assert 1 < lost < 3
    assert np.isfinite(modified_inception_score(ONE_HOT))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (np.zeros((4, 3)), "sum of 0: give probabilities, such as a softmax"),
        (np.random.default_rng(0).normal(size=(9, 3)), "least value of -.*softmax"),
        (np.full((9, 3), np.nan), "of 9 clips hold NaN"),
        (np.ones((9, 1)), "two classes or more"),
        (np.full(3, 1 / 3), r"shape \(clips, classes\); received \(3,\)"),
        (np.zeros((0, 3)), "1 clips or more; received 0"),
    ],
)
def test_what_is_no_judgement(values, message):
    with pytest.raises(ValueError, match=message):
        inception_score(values)


def test_settings_that_do_not_fit():
    with pytest.raises(ValueError, match="between 1 and the number of clips, 10; received 11"):
        inception_score(ONE_HOT[:10], splits=11)
    with pytest.raises(ValueError, match="2 clips or more; received 1"):
        inception_score_in_halves(ONE_HOT[:1])
    with pytest.raises(ValueError, match=r"one label a clip, shape \(1000,\); received \(9,\)"):
        modified_inception_score(ONE_HOT, labels=np.zeros(9))
    with pytest.raises(ValueError, match="pairs must be at least 1"):
        modified_inception_score(ONE_HOT, pairs=0)
    with pytest.raises(ValueError, match="classes differ: 10 of real and 3 of generated"):
        am_score(ONE_HOT, np.eye(3))


def test_softmax_in_half_precision_is_a_judgement():
    p = _judged(200, 11)
    assert inception_score(p.astype(np.float16)) == pytest.approx(inception_score(p), rel=1e-2)
