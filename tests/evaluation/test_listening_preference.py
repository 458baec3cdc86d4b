"""Preference by simulated listeners: sign test, ties, places, and listeners who count once."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from course_lib.evaluation.listening import chance
from course_lib.evaluation.listening.preference import analyse, rows, trials


def _listener(
    name: str, rng: np.random.Generator, *, for_new: float, n: int, tie: float = 0.0, first: float = 0.0
) -> list[dict]:
    """Who says "tie" at times, takes the first place at times, and else prefers "new" at times."""
    found = []
    for trial in trials({"seven": ["old", "new"]}, rng=rng, repeats=n):
        new = "A" if trial.systems["A"] == "new" else "B"
        old = "B" if new == "A" else "A"
        draw = rng.random()
        if draw < tie:
            trial.answer = "tie"
        elif draw < tie + first:
            trial.answer = "A"
        else:
            trial.answer = new if rng.random() < for_new else old
        found += [{"listener": name, **row} for row in rows(trial)]
    return found


def _share_found(
    for_new: float, n: int, *, tie: float = 0.0, first: float = 0.0, simulations: int = 500
) -> float:
    rng = np.random.default_rng(n)
    alone = [_listener("one", rng, for_new=for_new, n=n, tie=tie, first=first) for _ in range(simulations)]
    return float(np.mean([analyse(results)["pairs"][0]["p"] <= 0.05 for results in alone]))


def _two_sided_power(n: int, p: float) -> float:
    from scipy.stats import binom

    k = np.arange(n + 1)
    wins = np.array([chance.binomial(int(i), n, alternative="two-sided")["p"] <= 0.05 for i in k])
    return float(binom.pmf(k, n, p)[wins].sum())


@pytest.mark.parametrize(("for_new", "n"), [(0.5, 20), (0.75, 20), (0.2, 12)])
def test_a_preference_is_found_as_often_as_the_binomial_says(for_new, n):
    exact = _two_sided_power(n, for_new)
    margin = 3 * np.sqrt(exact * (1 - exact) / 500)
    assert _share_found(for_new, n) == pytest.approx(exact, abs=margin)


def test_ties_and_a_liking_for_the_first_place_are_no_false_alarm():
    limit = 0.05 + 3 * np.sqrt(0.05 * 0.95 / 400)
    assert _share_found(0.5, 20, tie=0.4, simulations=400) <= limit
    # Alternating places cancel the liking; were they drawn, it would only be noise.
    assert _share_found(0.5, 20, first=0.5, simulations=400) <= limit


def test_the_numbers_of_a_small_test():
    rng = np.random.default_rng(0)
    results = _listener("a", rng, for_new=1.0, n=8) + _listener("b", rng, for_new=0.0, n=2)
    results += _listener("c", rng, for_new=0.5, n=3, tie=1.0)
    found = analyse(results)
    (pair,) = found["pairs"]
    assert (pair["first"], pair["second"]) == ("new", "old")
    assert (pair["wins"], pair["ties"]) == ({"new": 8, "old": 2}, 3)
    assert pair["share"] == 0.8
    assert pair["p"] == pair["p_holm"] == pytest.approx(112 / 1024)
    assert pair["low"] < 0.5 < 0.8 < pair["high"]
    assert pair["listeners"] == {"new": 1, "old": 1, "tie": 1}
    assert pair["p_listeners"] == 1
    assert (found["position"]["a"], found["position"]["decided"]) == (5, 10)


def test_many_trials_of_one_listener_are_not_many_listeners():
    rng = np.random.default_rng(1)
    results = _listener("keen", rng, for_new=1.0, n=50) + _listener("other", rng, for_new=0.0, n=4)
    (pair,) = analyse(results)["pairs"]
    assert pair["p"] < 1e-6
    assert pair["p_listeners"] == 1


def test_who_always_takes_the_first_is_seen():
    found = analyse(_listener("lazy", np.random.default_rng(2), for_new=0.5, n=16, first=1.0))
    assert found["position"]["share"] == 1
    assert found["position"]["p"] < 1e-4
    assert found["pairs"][0]["wins"] == {"new": 8, "old": 8}


def test_nobody_decided():
    found = analyse(_listener("mild", np.random.default_rng(3), for_new=0.5, n=4, tie=1.0))
    assert found["pairs"][0]["p"] == found["position"]["p"] == 1
    assert np.isnan(found["pairs"][0]["share"])


def test_places_alternate_and_begin_at_random():
    rng = np.random.default_rng(4)
    starts = Counter()
    for _ in range(200):
        made = trials({"seven": ["old", "new"]}, rng=rng, repeats=4, ties=False)
        assert Counter(trial.systems["A"] for trial in made) == {"old": 2, "new": 2}
        assert made[0].answers == ["A", "B"]
        starts[made[0].systems["A"]] += 1
    assert abs(starts["old"] - 100) < 4 * np.sqrt(50)
