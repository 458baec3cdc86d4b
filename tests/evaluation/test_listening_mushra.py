"""MUSHRA by simulated raters: true scores are found within the interval, bad raters are left out."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from course_lib.evaluation.listening import ListeningError
from course_lib.evaluation.listening.mushra import SCALE, analyse, rows, screen, trials

TRUE = {"reference": 97.0, "vae": 60.0, "codec": 70.0, "mid anchor": 45.0, "low anchor": 20.0}
ITEMS = {f"item {n}": list(TRUE) for n in range(6)}


def _rater(name: str, rng: np.random.Generator, *, kind: str = "good", noise: float = 6.0) -> list[dict]:
    """Somebody whose scale is shifted as a whole, with noise in each score; or who does not listen."""
    shift = rng.normal(scale=5)
    found = []
    for trial in trials(ITEMS, rng=rng):
        scores = {}
        for label in trial.answers:
            system = trial.systems[label]
            score = TRUE[system] + rng.normal(scale=noise) + (0 if system == "reference" else shift)
            if kind == "random":
                score = rng.uniform(0, 100)
            elif kind == "generous" and system == "mid anchor":
                score = 95
            scores[label] = float(
                np.clip(score, 92 if system == "reference" and kind != "random" else 0, 100)
            )
        trial.answer = scores
        found += [{"listener": name, **row} for row in rows(trial)]
    return found


def test_true_scores_and_differences_are_covered_as_often_as_promised():
    simulations, inside, apart = 500, Counter(), 0
    for seed in range(simulations):
        rng = np.random.default_rng(seed)
        found = analyse([row for n in range(6) for row in _rater(str(n), rng)])
        for name in ("vae", "codec", "mid anchor"):
            inside[name] += found["systems"][name]["low"] <= TRUE[name] <= found["systems"][name]["high"]
        (pair,) = [p for p in found["differences"] if (p["first"], p["second"]) == ("codec", "vae")]
        apart += pair["low"] <= 10 <= pair["high"]
    margin = 3 * np.sqrt(0.95 * 0.05 / simulations)
    for name, count in inside.items():
        assert count / simulations == pytest.approx(0.95, abs=margin), name
    assert apart / simulations == pytest.approx(0.95, abs=margin)


def test_another_alpha_is_another_coverage():
    simulations, inside = 500, 0
    for seed in range(simulations):
        rng = np.random.default_rng(1000 + seed)
        found = analyse([row for n in range(5) for row in _rater(str(n), rng)], alpha=0.2)
        inside += found["systems"]["codec"]["low"] <= 70 <= found["systems"]["codec"]["high"]
    assert inside / simulations == pytest.approx(0.8, abs=3 * np.sqrt(0.16 / simulations))


def test_the_numbers_are_students():
    from scipy import stats

    rng = np.random.default_rng(0)
    results = [row for n in range(8) for row in _rater(str(n), rng)]
    found = analyse(results)
    means = {
        name: np.array(
            [
                np.mean([r["score"] for r in results if r["listener"] == str(n) and r["system"] == name])
                for n in range(8)
            ]
        )
        for name in TRUE
    }
    low, high = stats.t.interval(0.95, 7, means["vae"].mean(), stats.sem(means["vae"]))
    assert found["systems"]["vae"] == pytest.approx({"mean": means["vae"].mean(), "low": low, "high": high})
    (pair,) = [p for p in found["differences"] if (p["first"], p["second"]) == ("codec", "vae")]
    assert pair["p"] == pytest.approx(stats.ttest_rel(means["codec"], means["vae"]).pvalue)
    # A shift common to all scores of a rater widens the scores' intervals, not that of the difference.
    assert pair["high"] - pair["low"] < high - low
    names = {(p["first"], p["second"]) for p in found["differences"]}
    assert names == {("codec", "reference"), ("codec", "vae"), ("reference", "vae")}
    assert (found["listeners"], found["items"]) == (8, 6)


def test_bad_raters_are_screened_and_their_reasons_named():
    rng = np.random.default_rng(1)
    results = [row for n in range(6) for row in _rater(f"good {n}", rng)]
    honest = analyse(results)
    results += _rater("random", rng, kind="random") + _rater("generous", rng, kind="generous")
    found = analyse(results)
    assert set(found["screened"]) == {"random", "generous"}
    assert "hidden reference below 90 in" in found["screened"]["random"]
    assert found["screened"]["generous"] == "mid anchor above 90 in 6 of 6 items"
    assert found["systems"] == honest["systems"]
    everybody = analyse(results, post_screening=False)
    assert everybody["listeners"] == 8
    assert everybody["systems"]["mid anchor"]["mean"] > honest["systems"]["mid anchor"]["mean"] + 3


@pytest.mark.parametrize(
    ("missed", "items", "out"), [(0, 6, False), (1, 7, False), (1, 6, True), (3, 20, False), (4, 20, True)]
)
def test_more_than_15_percent_of_the_items_is_too_many(missed, items, out):
    results = [
        {"listener": "one", "item": str(n), "system": "reference", "score": 89.9 if n < missed else 90.0}
        for n in range(items)
    ]
    assert ("one" in screen(results)) == out


def test_a_random_rater_is_nearly_always_found():
    rng = np.random.default_rng(2)
    caught = [bool(screen(_rater("r", rng, kind="random"))) for _ in range(100)]
    kept = [bool(screen(_rater("g", rng))) for _ in range(100)]
    assert sum(caught) == 100
    assert sum(kept) == 0


def test_nobody_left_says_why():
    with pytest.raises(ListeningError, match=r"leaves no listener \(r: hidden reference below 90"):
        analyse(_rater("r", np.random.default_rng(3), kind="random"))


def test_one_listener_has_means_and_no_interval():
    found = analyse(_rater("one", np.random.default_rng(4)))
    assert found["systems"]["vae"]["low"] is None
    assert found["systems"]["vae"]["mean"] == pytest.approx(60, abs=20)
    assert found["differences"][0]["p"] == 1


def test_a_missing_score_is_named():
    rng = np.random.default_rng(5)
    results = _rater("a", rng) + _rater("b", rng)
    results = [
        row for row in results if (row["listener"], row["item"], row["system"]) != ("b", "item 2", "vae")
    ]
    with pytest.raises(ListeningError, match="listener b has no score for vae in item 2"):
        analyse(results)


def test_repeats_are_averaged():
    rng = np.random.default_rng(6)
    once = _rater("a", rng)
    twice = [
        {**row, "score": row["score"] + step}
        for row in once
        for step in (-1, 1)
        if row["system"] != "reference"
    ]
    twice += [row for row in once if row["system"] == "reference"]
    assert analyse(twice)["systems"]["vae"]["mean"] == pytest.approx(analyse(once)["systems"]["vae"]["mean"])


def test_versions_are_shuffled_fairly_and_the_reference_stays_open():
    rng = np.random.default_rng(7)
    places = Counter()
    for trial in [trial for _ in range(100) for trial in trials(ITEMS, rng=rng)]:
        assert trial.systems["reference"] == "reference"
        assert trial.answers == ["1", "2", "3", "4", "5"]
        assert sorted(trial.systems[label] for label in trial.answers) == sorted(TRUE)
        places[next(label for label in trial.answers if trial.systems[label] == "reference")] += 1
    assert max(abs(count - 120) for count in places.values()) < 4 * np.sqrt(600 * 0.2 * 0.8)


def test_identical_scores_have_p_0_or_1():
    results = [
        {"listener": name, "item": "a", "system": system, "score": score}
        for name in "abc"
        for system, score in (("reference", 100.0), ("x", 50.0), ("y", 50.0))
    ]
    p = {(d["first"], d["second"]): d["p"] for d in analyse(results)["differences"]}
    assert p == {("reference", "x"): 0, ("reference", "y"): 0, ("x", "y"): 1}


def test_the_scale_covers_0_to_100():
    ends = [end for pair in SCALE.values() for end in pair]
    assert ends == [0, 20, 20, 40, 40, 60, 60, 80, 80, 100]
