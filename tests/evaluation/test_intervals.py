"""Intervals: against SciPy, and by how often they hold the truth."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from course_lib.evaluation.intervals import bootstrap, mean_interval, wilson_interval


@pytest.mark.parametrize(("correct", "total"), [(0, 20), (7, 20), (20, 20), (430, 500)])
def test_wilsons_interval_is_scipys(correct, total):
    expected = stats.binomtest(correct, total).proportion_ci(method="wilson")
    low, high = wilson_interval(correct, total)
    assert low == pytest.approx(expected.low, abs=1e-9)
    assert high == pytest.approx(expected.high, abs=1e-9)


def test_impossible_counts():
    with pytest.raises(ValueError, match="received 3 of 2"):
        wilson_interval(3, 2)


@pytest.mark.parametrize("confidence", [0.9, 0.95])
def test_students_interval_is_scipys(confidence):
    values = np.array([0.64, 0.71, 0.77, 0.8, 0.83, 0.85])
    ours = mean_interval(values, confidence=confidence)
    expected = stats.ttest_1samp(values, 0).confidence_interval(confidence)
    assert (ours["low"], ours["high"]) == pytest.approx(tuple(expected), abs=1e-12)
    assert ours["se"] == pytest.approx(stats.sem(values))
    assert (ours["mean"], ours["groups"]) == (pytest.approx(values.mean()), 6)


def test_students_interval_stays_within_what_is_possible():
    ours = mean_interval([0.99, 1.0, 0.95], bounds=(0, 1))
    assert ours["high"] == 1
    assert 0.9 < ours["low"] < 0.98


@pytest.mark.parametrize("values", [[0.5], [[0.5, 0.6]], [0.5, np.nan]])
def test_a_mean_needs_two_finite_values(values):
    with pytest.raises(ValueError, match="two finite values or more"):
        mean_interval(values)


def test_bootstrap_holds_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(0)
    held = 0
    for trial in range(300):
        sample = rng.exponential(size=60)
        interval = bootstrap(np.mean, sample, n=120, seed=trial)
        held += interval["low"] <= 1 <= interval["high"]
    # 95 % of 300 trials with a skewed sample of 60: 0.93 ± 0.014.
    assert 0.89 < held / 300 < 0.98


def test_bootstraps_error_of_a_mean_and_of_a_difference_is_the_textbooks():
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=400), rng.normal(3, 2, size=900)
    assert bootstrap(np.mean, a, n=2000)["se"] == pytest.approx(a.std() / 20, rel=0.06)
    expected = np.hypot(a.std() / 20, b.std() / 30)
    difference = bootstrap(lambda x, y: y.mean() - x.mean(), a, b, n=2000)
    assert difference["se"] == pytest.approx(expected, rel=0.06)
    assert difference["value"] == b.mean() - a.mean()


def test_paired_arrays_stay_together():
    x = np.random.default_rng(2).normal(size=100)
    together = bootstrap(lambda a, b: np.abs(a - b).max(), x, x, n=50, paired=True)
    assert (together["low"], together["high"], together["se"]) == (0, 0, 0)
    assert bootstrap(lambda a, b: np.abs(a - b).max(), x, x, n=50)["se"] > 0


def test_halves_vary_as_another_sample_would_and_repeat_no_clip():
    x = np.random.default_rng(6).normal(size=400)
    assert bootstrap(np.mean, x, n=2000, halves=True)["se"] == pytest.approx(x.std() / 20, rel=0.06)
    repeated = lambda a: len(a) - len(np.unique(a))  # noqa: E731
    assert bootstrap(repeated, x, halves=True)["bias"] == 0
    assert bootstrap(repeated, x)["bias"] > 100
    together = bootstrap(lambda a, b: np.abs(a - b).max(), x, x, n=50, paired=True, halves=True)
    assert together["high"] == 0
    with pytest.raises(ValueError, match=r"received \[1\]"):
        bootstrap(np.mean, [1.0], halves=True)


def test_a_bias_of_resampling_is_told_and_not_in_the_interval():
    """The largest of a sample only falls when it is drawn again."""
    x = np.random.default_rng(3).uniform(size=200)
    interval = bootstrap(np.max, x, n=400)
    assert interval["bias"] < 0
    assert interval["low"] <= interval["value"] <= interval["high"]
    spread = bootstrap(lambda a: np.var(a) + 1 / len(np.unique(a)), x, n=400)
    assert spread["bias"] == pytest.approx(1 / (200 * 0.632) - 1 / 200, abs=2e-3)
    assert spread["low"] < spread["value"] < spread["high"]


def test_bootstrap_repeats_with_its_seed_and_keeps_its_bounds():
    x = np.random.default_rng(4).random(30) < 0.97
    assert bootstrap(np.mean, x, seed=5) == bootstrap(np.mean, x, seed=5)
    assert bootstrap(np.mean, x, seed=5) != bootstrap(np.mean, x, seed=6)
    assert bootstrap(np.mean, x, bounds=(0, 1))["high"] <= 1


@pytest.mark.parametrize(
    ("arrays", "settings", "message"),
    [
        ((), {}, r"arrays with clips; received \[\]"),
        (([],), {}, r"arrays with clips; received \[0\]"),
        (([1.0, 2.0], [1.0]), {"paired": True}, r"equally many clips in each array; received \[2, 1\]"),
        (([1.0, 2.0],), {"n": 19}, "at least 20 resamples; received 19"),
        (([1.0, 2.0],), {"confidence": 95}, "between 0 and 1; received 95"),
        (([1.0, np.nan],), {}, "finite on every resample; received nan"),
    ],
)
def test_what_cannot_be_resampled(arrays, settings, message):
    with pytest.raises(ValueError, match=message):
        bootstrap(lambda *each: sum(np.mean(a) for a in each), *arrays, **settings)
