"""A/B preference: which of two is better?

ITU-T P.800 (1996), annex E, compares pairs too, on a scale; the plain choice needs no training and has an
exact test. "No preference" may be allowed: W. J. Dixon, A. M. Mood, "The statistical sign test", JASA 41,
1946.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from course_lib.evaluation.listening import chance
from course_lib.evaluation.listening.presentation import (
    Items,
    check_repeats,
    choose_pairs,
    make_trial,
    shuffled,
)
from course_lib.evaluation.listening.trial import Trial

QUESTION = "Which do you prefer?"
COLUMNS = ("item", "a", "b", "answer", "preferred")
SAME_LENGTH = False
TIE = "tie"


def trials(
    items: Items,
    *,
    rng: np.random.Generator,
    repeats: int = 1,
    pairs: Sequence[Sequence[str]] | None = None,
    ties: bool = True,
) -> list[Trial]:
    """Every item in every pair, ``repeats`` times, in random order.

    Which of the pair is A is tossed once and then alternates, so that a liking for the first place cancels
    over an even number of repeats. With ``ties`` the listener may have no preference.
    """
    answers = ["A", "B", TIE] if ties else ["A", "B"]
    made = []
    for item in items:
        for pair in choose_pairs(items, pairs):
            first = int(rng.integers(2))
            for turn in range(check_repeats(repeats)):
                swap = (first + turn) % 2
                systems = {"A": pair[swap], "B": pair[1 - swap]}
                made.append(make_trial(item, systems, answers))
    return shuffled(made, rng)


def rows(trial: Trial) -> list[dict[str, Any]]:
    """An answered trial as one row of results."""
    preferred = TIE if trial.answer == TIE else trial.systems[trial.answer]
    a, b = trial.systems["A"], trial.systems["B"]
    return [{"item": trial.item, "a": a, "b": b, "answer": trial.answer, "preferred": preferred}]


def analyse(results: list[dict[str, Any]], *, alpha: float = 0.05) -> dict[str, Any]:
    """Which of each pair is preferred.

    Returns
    -------
    dict
        ``pairs``: for each the ``first`` and ``second`` system, how often each was preferred (``wins``) and
        neither (``ties``), the ``share`` of the first among the decided with its exact 95 % interval ``low``
        and ``high``, the exact two-sided ``p`` of these trials and ``p_holm``, raised for the number of
        pairs. Trials of one listener are alike: the interval and ``p`` speak of *these* listeners. For
        listeners at large look at ``listeners``: how many preferred the first, the second and neither on the
        whole, and ``p_listeners``, the exact two-sided test of that. ``position``: how often A was chosen
        among the decided, and its ``p``: a small one says that the place decided.
    """
    members: dict[tuple[str, str], list] = {}
    for row in results:
        members.setdefault(tuple(sorted((row["a"], row["b"]))), []).append(row)
    pairs = [_pair(first, second, group) for (first, second), group in sorted(members.items())]
    for pair, p in zip(pairs, chance.holm([pair["p"] for pair in pairs]), strict=True):
        pair["p_holm"] = p
    decided = [row for row in results if row["answer"] != TIE]
    first_place = sum(row["answer"] == "A" for row in decided)
    return {
        "kind": "preference",
        "alpha": alpha,
        "pairs": pairs,
        "position": {
            "a": first_place,
            "decided": len(decided),
            **chance.binomial(first_place, len(decided), alternative="two-sided"),
        },
        "protocol": "Preference: exact two-sided binomial test of the decided trials, ties left out; "
        "p_listeners counts each listener once.",
    }


def _pair(first: str, second: str, results: list[dict[str, Any]]) -> dict[str, Any]:
    counts = {name: sum(row["preferred"] == name for row in results) for name in (first, second, TIE)}
    by_listener: dict[str, int] = {}
    for row in results:
        step = {first: 1, second: -1}.get(row["preferred"], 0)
        by_listener[row["listener"]] = by_listener.get(row["listener"], 0) + step
    for_first = sum(balance > 0 for balance in by_listener.values())
    for_second = sum(balance < 0 for balance in by_listener.values())
    n = counts[first] + counts[second]
    listeners = chance.binomial(for_first, for_first + for_second, alternative="two-sided")
    return {
        "first": first,
        "second": second,
        "wins": {first: counts[first], second: counts[second]},
        "ties": counts[TIE],
        **chance.binomial(counts[first], n, alternative="two-sided"),
        "listeners": {
            first: for_first,
            second: for_second,
            TIE: len(by_listener) - for_first - for_second,
        },
        "p_listeners": listeners["p"],
    }
