"""In what order, and under which names, sounds meet a listener."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np

from course_lib.evaluation.listening.errors import ListeningError
from course_lib.evaluation.listening.trial import Trial

# What each item exists in: item -> names of its systems.
Items = Mapping[str, Sequence[str]]


def choose_pairs(items: Items, pairs: Sequence[Sequence[str]] | None) -> list[tuple[str, str]]:
    """The pairs of systems to compare: those given, or every pair; ListeningError for impossible ones."""
    systems = list(next(iter(items.values())))
    if pairs is None:
        return list(combinations(systems, 2))
    chosen = [tuple(pair) for pair in pairs]
    for pair in chosen:
        if len(pair) != 2 or pair[0] == pair[1] or not set(pair) <= set(systems):
            raise ListeningError(f"a pair names two of {', '.join(systems)}; received {pair}")
    if not chosen or len({frozenset(pair) for pair in chosen}) < len(chosen):
        raise ListeningError(f"expected pairs of systems, each once; received {chosen}")
    return chosen


def check_repeats(repeats: int) -> int:
    """A whole number from 1."""
    if not isinstance(repeats, (int, np.integer)) or isinstance(repeats, bool) or repeats < 1:
        raise ListeningError(f"repeats must be a whole number from 1; received {repeats!r}")
    return int(repeats)


def make_trial(item: str, systems: dict[str, str], answers: list[str]) -> Trial:
    """A trial with fresh random names for its sounds."""
    tokens = {label: secrets.token_hex(8) for label in systems}
    return Trial(item=item, systems=systems, tokens=tokens, answers=answers)


def shuffled(trials: list[Trial], rng: np.random.Generator) -> list[Trial]:
    """The trials in random order."""
    return [trials[i] for i in rng.permutation(len(trials))]
