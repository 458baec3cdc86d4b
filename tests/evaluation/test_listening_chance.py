"""Binomial statistics against the sums they are, and against tables."""

from __future__ import annotations

from math import comb

import numpy as np
import pytest

from course_lib.evaluation.listening.chance import binomial, holm, needed_correct, power, trials_needed


def _at_least(k: int, n: int, p: float) -> float:
    return sum(comb(n, i) * p**i * (1 - p) ** (n - i) for i in range(k, n + 1))


@pytest.mark.parametrize(
    ("k", "n"), [(0, 1), (1, 1), (5, 10), (9, 10), (12, 16), (13, 16), (3, 20), (60, 100)]
)
def test_p_is_the_sum_of_what_guessing_gives(k, n):
    assert binomial(k, n)["p"] == pytest.approx(_at_least(k, n, 0.5))
    both = min(1.0, 2 * _at_least(max(k, n - k), n, 0.5))
    assert binomial(k, n, alternative="two-sided")["p"] == pytest.approx(both)


@pytest.mark.parametrize("seed", range(24))
def test_agrees_with_scipys_exact_test(seed):
    from scipy.stats import binomtest

    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 300))
    k = int(rng.integers(0, n + 1)) if seed > 3 else (0, n)[seed % 2]
    for alternative in ("greater", "two-sided"):
        found = binomial(k, n, alternative=alternative, confidence=0.9)
        assert found["p"] == pytest.approx(binomtest(k, n, alternative=alternative).pvalue, rel=1e-9)
        assert (found["low"], found["high"]) == pytest.approx(
            tuple(binomtest(k, n).proportion_ci(0.9, method="exact")), abs=1e-9
        )


def test_the_interval_is_clopper_and_pearsons():
    found = binomial(13, 16)
    assert found["share"] == 13 / 16
    # Its ends are where 13 and more, or 13 and fewer, have 2.5 %.
    assert _at_least(13, 16, found["low"]) == pytest.approx(0.025, abs=1e-6)
    assert 1 - _at_least(14, 16, found["high"]) == pytest.approx(0.025, abs=1e-6)
    assert binomial(0, 10)["low"] == 0
    assert binomial(10, 10)["high"] == 1
    nothing = binomial(0, 0)
    assert np.isnan(nothing["share"])
    assert (nothing["low"], nothing["high"], nothing["p"]) == (0, 1, 1)
    with pytest.raises(ValueError, match="received 11 of 10"):
        binomial(11, 10)
    with pytest.raises(ValueError, match="'greater' or 'two-sided'; received 'less'"):
        binomial(1, 10, alternative="less")


@pytest.mark.parametrize("n", [*range(1, 31), 50, 100])
def test_needed_correct_is_the_least_that_guessing_seldom_reaches(n):
    for alpha in (0.05, 0.01):
        k = needed_correct(n, alpha=alpha)
        assert _at_least(k, n, 0.5) <= alpha
        assert _at_least(k - 1, n, 0.5) > alpha
    assert (needed_correct(4), needed_correct(5), needed_correct(16)) == (5, 5, 12)


@pytest.mark.parametrize("skill", [0.55, 0.7, 0.9, 0.99])
def test_power_is_the_chance_of_that_many_right_answers(skill):
    for n in (5, 10, 16, 40):
        assert power(n, skill=skill) == pytest.approx(_at_least(needed_correct(n), n, skill))
    assert power(3, skill=skill) == 0


@pytest.mark.parametrize("skill", [0.6, 0.7, 0.8, 0.95])
def test_trials_needed_is_the_first_number_with_that_power(skill):
    n = trials_needed(skill=skill)
    assert power(n, skill=skill) >= 0.8
    assert max(power(m, skill=skill) for m in range(1, n)) < 0.8


def test_what_cannot_be_shown_is_said():
    assert trials_needed(skill=0.7) == 37
    with pytest.raises(ValueError, match=r"skill must be above chance, 0.5; received 0.5"):
        trials_needed(skill=0.5)
    with pytest.raises(ValueError, match="more than 100000 trials"):
        trials_needed(skill=0.5001)
    with pytest.raises(ValueError, match="alpha must lie between 0 and 1; received 5"):
        needed_correct(10, alpha=5)


def test_holm_raises_by_how_many_are_left():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.9, 0.8]) == [1, 1]
    assert holm([]) == []


def test_holm_keeps_the_share_of_false_alarms():
    rng = np.random.default_rng(0)
    false = np.mean([min(holm(rng.random(5))) < 0.05 for _ in range(4000)])
    assert false == pytest.approx(0.05, abs=0.012)
