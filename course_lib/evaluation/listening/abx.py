"""ABX: is there any difference to hear? X is A or B; which?

D. Clark, "High-resolution subjective testing using a double-blind comparator", J. Audio Eng. Soc. 30(5),
1982. A listener who hears nothing is right half of the time, so only the right answers count, and no opinion.
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

QUESTION = "X is the same as A or as B. Which?"
COLUMNS = ("item", "a", "b", "x", "answer", "correct")
SAME_LENGTH = True


def trials(
    items: Items,
    *,
    rng: np.random.Generator,
    repeats: int = 1,
    pairs: Sequence[Sequence[str]] | None = None,
) -> list[Trial]:
    """Every item in every pair, ``repeats`` times, in random order.

    Which of the pair is A, and which is X, is tossed anew each time, so a guesser's answers are independent.
    """
    made = []
    for item in items:
        for pair in choose_pairs(items, pairs) * check_repeats(repeats):
            a, b = (pair[i] for i in rng.permutation(2))
            systems = {"A": a, "B": b, "X": (a, b)[rng.integers(2)]}
            made.append(make_trial(item, systems, ["A", "B"]))
    return shuffled(made, rng)


def rows(trial: Trial) -> list[dict[str, Any]]:
    """An answered trial as one row of results."""
    a, b, x = (trial.systems[label] for label in "ABX")
    right = trial.systems[trial.answer] == x
    return [
        {"item": trial.item, "a": a, "b": b, "x": x, "answer": trial.answer, "correct": int(right)},
    ]


def analyse(results: list[dict[str, Any]], *, alpha: float = 0.05) -> dict[str, Any]:
    """Who hears a difference, and where.

    Parameters
    ----------
    results : list of dict
        Rows of any number of listeners.
    alpha : float
        A guesser is taken for a hearer with at most this probability.

    Returns
    -------
    dict
        ``listeners``, ``pairs``, ``items``: for each ``trials``, ``correct``, ``share`` with its exact 95 %
        interval ``low`` and ``high``, the exact one-sided ``p``, and ``p_holm``, raised for the number of
        listeners, pairs or items looked at; ``needed`` right answers. ``all``: the same of everything, with
        ``skill_80``: how good one must be to be found with 80 % probability at this number of trials.
        Pooling is sound here: guessers who do not hear anything are right half of the time, each and
        together.
    """
    whole = _score(results, alpha)
    whole["skill_80"] = _skill_found(whole["trials"], alpha)
    return {
        "kind": "abx",
        "alpha": alpha,
        "all": whole,
        "listeners": _groups(results, lambda row: row["listener"], alpha),
        "pairs": _groups(results, lambda row: " / ".join(sorted((row["a"], row["b"]))), alpha),
        "items": _groups(results, lambda row: row["item"], alpha),
        "protocol": "ABX: exact one-sided binomial test against guessing; p_holm allows for how many were "
        "looked at. The number of trials must have been fixed before the first one.",
    }


def _score(results: list[dict[str, Any]], alpha: float) -> dict[str, Any]:
    correct = sum(row["correct"] for row in results)
    n = len(results)
    needed = chance.needed_correct(n, alpha=alpha)
    return {"trials": n, "correct": correct, "needed": needed, **chance.binomial(correct, n)}


def _groups(results: list[dict[str, Any]], key, alpha: float) -> dict[str, dict[str, Any]]:
    members: dict[str, list] = {}
    for row in results:
        members.setdefault(key(row), []).append(row)
    scored = {name: _score(group, alpha) for name, group in sorted(members.items())}
    for score, p in zip(scored.values(), chance.holm([s["p"] for s in scored.values()]), strict=True):
        score["p_holm"] = p
    return scored


def _skill_found(n: int, alpha: float) -> float | None:
    """Least skill, in steps of 1 %, that ``n`` trials show with 80 % probability; None when there is none."""
    skills = np.arange(0.51, 1.0, 0.01)
    found = [skill for skill in skills if chance.power(n, skill=float(skill), alpha=alpha) >= 0.8]
    return round(float(found[0]), 2) if found else None
