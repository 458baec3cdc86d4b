"""ABX by simulated listeners: who guesses is seldom believed, who hears is found as often as theory says."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from course_lib.evaluation.listening import chance
from course_lib.evaluation.listening.abx import analyse, rows, trials

ITEMS = {"seven": ["original", "codec"], "two": ["original", "codec"]}


def _listener(name: str, skill: float, n: int, rng: np.random.Generator) -> list[dict]:
    """Results of somebody who hears the difference in 2 * skill - 1 of the trials and guesses else."""
    found = []
    for trial in trials({"seven": ["original", "codec"]}, rng=rng, repeats=n):
        right = "A" if trial.systems["A"] == trial.systems["X"] else "B"
        trial.answer = right if rng.random() < 2 * skill - 1 else str(rng.choice(["A", "B"]))
        found += [{"listener": name, **row} for row in rows(trial)]
    return found


def _share_found(skill: float, n: int, simulations: int) -> float:
    """Of many listeners, how many have a p of 5 % and less."""
    rng = np.random.default_rng(round(1000 * skill) + n)
    results = [row for k in range(simulations) for row in _listener(f"{k:04d}", skill, n, rng)]
    return float(np.mean([score["p"] <= 0.05 for score in analyse(results)["listeners"].values()]))


@pytest.mark.parametrize("n", [10, 16])
def test_a_guesser_is_believed_as_seldom_as_alpha_says(n):
    share = _share_found(0.5, n, 1000)
    exact = chance.power(n, skill=0.5)
    assert exact <= 0.05
    # Three standard errors of a thousand listeners.
    assert share == pytest.approx(exact, abs=3 * np.sqrt(exact * (1 - exact) / 1000))


@pytest.mark.parametrize(("skill", "n"), [(0.7, 16), (0.9, 16), (0.75, 30)])
def test_a_hearer_is_found_with_the_power_of_the_binomial(skill, n):
    exact = chance.power(n, skill=skill)
    assert _share_found(skill, n, 600) == pytest.approx(exact, abs=3 * np.sqrt(exact * (1 - exact) / 600))


def test_a_crowd_of_guessers_has_no_hearer_once_p_is_raised():
    false, crowds = 0, 60
    for seed in range(crowds):
        rng = np.random.default_rng(seed)
        results = [row for k in range(10) for row in _listener(str(k), 0.5, 12, rng)]
        false += min(score["p_holm"] for score in analyse(results)["listeners"].values()) <= 0.05
    assert false / crowds <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / crowds)


def test_letters_and_order_are_fair():
    rng = np.random.default_rng(0)
    drawn = [trials(ITEMS, rng=rng, repeats=4) for _ in range(250)]
    flat = [trial for one in drawn for trial in one]
    counts = Counter((trial.systems["A"], trial.systems["X"]) for trial in flat)
    # Four equally likely cases of 2,000: no bias in what A is, nor in what X is.
    assert len(counts) == 4
    assert max(abs(count - 500) for count in counts.values()) < 4 * np.sqrt(2000 * 0.25 * 0.75)
    first = Counter(one[0].item for one in drawn)
    assert abs(first["seven"] - 125) < 4 * np.sqrt(250 / 4)
    assert {trial.systems[label] for trial in flat for label in "ABX"} == {"original", "codec"}
    assert all(trial.systems["A"] != trial.systems["B"] for trial in flat)


def test_three_systems_make_three_pairs_or_those_asked_for():
    items = {"a": ["x", "y", "z"]}
    rng = np.random.default_rng(0)
    pairs = [frozenset(trial.systems.values()) for trial in trials(items, rng=rng, repeats=2)]
    assert Counter(pairs) == dict.fromkeys(map(frozenset, ("xy", "xz", "yz")), 2)
    chosen = trials(items, rng=rng, pairs=[("x", "z")])
    assert [frozenset(trial.systems.values()) for trial in chosen] == [frozenset("xz")]


def test_the_analysis_counts_by_listener_pair_and_item():
    rng = np.random.default_rng(1)
    results = [{**row, "item": "two"} for row in _listener("deaf", 0.5, 20, rng)]
    results += _listener("sharp", 1.0, 20, rng)
    found = analyse(results)
    assert found["listeners"]["sharp"]["p"] == pytest.approx(0.5**20)
    assert found["listeners"]["sharp"]["p_holm"] == pytest.approx(2 * 0.5**20)
    assert found["items"]["seven"]["share"] == 1
    assert list(found["pairs"]) == ["codec / original"]
    assert found["all"]["trials"] == 40
    assert found["all"]["correct"] == 20 + found["listeners"]["deaf"]["correct"]
    assert found["listeners"]["sharp"]["needed"] == 15
    # With 40 trials 69 % correct are found four times in five; with four, nobody ever is.
    assert found["all"]["skill_80"] == pytest.approx(0.69, abs=0.02)
    assert chance.power(40, skill=found["all"]["skill_80"]) >= 0.8
    assert analyse(results[:4])["all"]["skill_80"] is None
