"""MUSHRA: how good is each of several versions, from 0 to 100, beside an open reference?

ITU-R BS.1534-3, "Method for the subjective assessment of intermediate quality level of audio systems", 2015.
Hidden among the versions are the reference itself, which should get 100, and low-passed anchors: who does not
find the first, or takes the second for good, does not listen, and is screened out.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np

from course_lib.evaluation.intervals import mean_interval
from course_lib.evaluation.listening.anchors import LOW_ANCHOR, MID_ANCHOR
from course_lib.evaluation.listening.chance import holm
from course_lib.evaluation.listening.errors import ListeningError
from course_lib.evaluation.listening.presentation import Items, check_repeats, make_trial, shuffled
from course_lib.evaluation.listening.trial import Trial

QUESTION = "How good is each, compared with the reference? 100 is no difference, 0 is very bad."
COLUMNS = ("item", "system", "score")
SAME_LENGTH = True
REFERENCE = "reference"
SCALE = {"bad": (0, 20), "poor": (20, 40), "fair": (40, 60), "good": (60, 80), "excellent": (80, 100)}
# More than this cannot be held in mind at once, says the standard.
MOST_SIGNALS = 12
# Post-screening, BS.1534-3: more than 15 % of the items with the reference below 90, or the mid anchor above.
SCREEN_SCORE, SCREEN_SHARE = 90.0, 0.15


def trials(items: Items, *, rng: np.random.Generator, repeats: int = 1) -> list[Trial]:
    """Every item ``repeats`` times, in random order, its versions shuffled under the labels 1, 2, ..."""
    made = []
    for item, names in items.items():
        if REFERENCE not in names:
            raise ListeningError(
                f"item {item!r} has no system called {REFERENCE!r}; received {', '.join(names)}"
            )
        if len(names) > MOST_SIGNALS:
            raise ListeningError(
                f"expected at most {MOST_SIGNALS} versions of an item, reference and anchors included; "
                f"received {len(names)}: make two tests"
            )
        for _ in range(check_repeats(repeats)):
            order = [names[i] for i in rng.permutation(len(names))]
            blind = {str(n): name for n, name in enumerate(order, start=1)}
            made.append(make_trial(item, {REFERENCE: REFERENCE, **blind}, list(blind)))
    return shuffled(made, rng)


def rows(trial: Trial) -> list[dict[str, Any]]:
    """An answered trial as one row of results for each version."""
    scored = [(trial.systems[label], float(trial.answer[label])) for label in trial.answers]
    return [{"item": trial.item, "system": system, "score": score} for system, score in sorted(scored)]


def screen(results: list[dict[str, Any]]) -> dict[str, str]:
    """Listeners to leave out, by BS.1534-3's post-screening, each with the reason."""
    reasons = {}
    for listener in sorted({row["listener"] for row in results}):
        own = [row for row in results if row["listener"] == listener]
        reference = np.array([row["score"] for row in own if row["system"] == REFERENCE])
        anchor = np.array([row["score"] for row in own if row["system"] == MID_ANCHOR])
        missed, praised = int((reference < SCREEN_SCORE).sum()), int((anchor > SCREEN_SCORE).sum())
        if missed > SCREEN_SHARE * len(reference):
            reasons[listener] = f"hidden reference below 90 in {missed} of {len(reference)} items"
        elif praised > SCREEN_SHARE * len(anchor):
            reasons[listener] = f"mid anchor above 90 in {praised} of {len(anchor)} items"
    return reasons


def analyse(
    results: list[dict[str, Any]], *, alpha: float = 0.05, post_screening: bool = True
) -> dict[str, Any]:
    """Mean score of each system, and how far the systems lie apart.

    Parameters
    ----------
    results : list of dict
        Rows of listeners who all scored the same items and systems.
    alpha : float
        Intervals cover 1 - alpha.
    post_screening : bool
        Leave out the listeners of :func:`screen`. Report both when it changes a conclusion.

    Returns
    -------
    dict
        ``systems``: for each the ``mean`` and its Student interval ``low`` and ``high`` over listeners, each
        counted once by the mean of their items: it speaks of other listeners to these items. None for a
        single listener. ``differences``: for each two systems, anchors left out, the mean difference of the
        same listeners, its interval, the two-sided ``p`` of the paired t-test and ``p_holm``. It is what to
        look at: two intervals may overlap where every listener heard the same difference. ``screened``: who
        was left out and why. ``listeners``, ``items``: how many were counted.

    Raises
    ------
    ListeningError
        Nobody is left after screening; a listener has not scored everything.
    """
    screened = screen(results) if post_screening else {}
    kept = [row for row in results if row["listener"] not in screened]
    if not kept:
        reasons = "; ".join(f"{listener}: {reason}" for listener, reason in screened.items())
        raise ListeningError(
            f"post-screening leaves no listener ({reasons}); train them on the anchors first"
        )
    scores, systems, items = _by_listener(kept)
    confidence = 1 - alpha
    return {
        "kind": "mushra",
        "alpha": alpha,
        "listeners": len(scores),
        "items": items,
        "screened": screened,
        "systems": {
            name: _interval(scores[:, n], confidence, (0.0, 100.0)) for n, name in enumerate(systems)
        },
        "differences": _differences(scores, systems, confidence),
        "protocol": "MUSHRA (ITU-R BS.1534-3): mean and Student interval over listeners, each the mean of "
        "their items; listeners screened by the hidden reference and the mid anchor.",
    }


def _by_listener(results: list[dict[str, Any]]) -> tuple[np.ndarray, list[str], int]:
    """Mean over items and repeats, shape (listeners, systems); the systems; the number of items."""
    listeners, systems, items = (
        sorted({row[column] for row in results}) for column in ("listener", "system", "item")
    )
    shape = (len(listeners), len(items), len(systems))
    total, count = np.zeros(shape), np.zeros(shape, int)
    for row in results:
        cell = (
            listeners.index(row["listener"]),
            items.index(row["item"]),
            systems.index(row["system"]),
        )
        total[cell] += row["score"]
        count[cell] += 1
    if not count.all():
        who, what, which = (int(axis[0]) for axis in np.nonzero(count == 0))
        raise ListeningError(
            f"listener {listeners[who]} has no score for {systems[which]} in {items[what]}: leave that "
            "listener out, or the system"
        )
    return (total / count).mean(axis=1), systems, len(items)


def _interval(values: np.ndarray, confidence: float, bounds: tuple[float, float]) -> dict[str, float | None]:
    if len(values) < 2:
        return {"mean": float(values.mean()), "low": None, "high": None}
    found = mean_interval(values, confidence=confidence, bounds=bounds)
    return {key: found[key] for key in ("mean", "low", "high")}


def _differences(scores: np.ndarray, systems: Sequence[str], confidence: float) -> list[dict[str, Any]]:
    names = [name for name in systems if name not in (LOW_ANCHOR, MID_ANCHOR)]
    found = []
    for first, second in combinations(names, 2):
        apart = scores[:, systems.index(first)] - scores[:, systems.index(second)]
        interval = _interval(apart, confidence, (-100.0, 100.0))
        found.append({"first": first, "second": second, **interval, "p": _paired_p(apart)})
    for pair, p in zip(found, holm([pair["p"] for pair in found]), strict=True):
        pair["p_holm"] = p
    return found


def _paired_p(apart: np.ndarray) -> float:
    """Two-sided p of Student's test that the mean is 0; 1 for a single listener, who proves nothing."""
    from scipy.stats import t

    if len(apart) < 2:
        return 1.0
    error = apart.std(ddof=1) / np.sqrt(len(apart))
    if error == 0:
        return float(not apart.any())
    return float(2 * t.sf(abs(apart.mean()) / error, len(apart) - 1))
