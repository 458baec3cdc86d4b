"""What guessing can do: exact binomial statistics of right answers and preferences."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import special

CHANCE = 0.5
MOST_TRIALS = 100_000


def binomial(
    successes: int, trials: int, *, alternative: str = "greater", confidence: float = 0.95
) -> dict[str, float]:
    """Exact test of ``successes`` in ``trials`` against chance, 1/2, with the share's exact interval.

    C. J. Clopper, E. S. Pearson, "The use of confidence or fiducial limits illustrated in the case of the
    binomial", Biometrika 26, 1934: the interval is two-sided and never covers less than it says.

    Parameters
    ----------
    successes, trials : int
        ``0 <= successes <= trials``; without any trial nothing is known: p is 1, the interval 0 to 1.
    alternative : {"greater", "two-sided"}
        Whether only more than chance counts (right answers), or less as well (preferences).

    Returns
    -------
    dict
        ``share`` (NaN without trials), ``low``, ``high`` and ``p``.

    Raises
    ------
    ValueError
        Impossible counts, another alternative.
    """
    if alternative not in ("greater", "two-sided"):
        raise ValueError(f"alternative must be 'greater' or 'two-sided'; received {alternative!r}")
    if not 0 <= successes <= trials:
        raise ValueError(f"expected 0 <= successes <= trials; received {successes} of {trials}")
    if trials == 0:
        return {"share": np.nan, "low": 0.0, "high": 1.0, "p": 1.0}
    failures, tail = trials - successes, (1 - confidence) / 2
    # Guessing is symmetric: both sides are twice the one that was met.
    two_sided = min(1.0, 2 * float(_at_least(max(successes, failures), trials, CHANCE)))
    low = special.betaincinv(successes, failures + 1, tail) if successes else 0.0
    high = special.betaincinv(successes + 1, failures, 1 - tail) if failures else 1.0
    return {
        "share": successes / trials,
        "low": float(low),
        "high": float(high),
        "p": two_sided if alternative == "two-sided" else float(_at_least(successes, trials, CHANCE)),
    }


def needed_correct(trials: int, *, alpha: float = 0.05) -> int:
    """Least number of right answers that a guesser reaches with probability ``alpha`` at most.

    ``trials + 1`` when even all right answers prove nothing: four trials at 5 %.
    """
    _probability(alpha, "alpha")
    return int(np.searchsorted(-_at_least(np.arange(trials + 1), trials, CHANCE), -alpha))


def power(trials: int, *, skill: float, alpha: float = 0.05) -> float:
    """Probability that a listener who is right with probability ``skill`` is told from a guesser.

    Ten trials show a listener of 70 % in one case of seven: a test that finds nothing has not shown that
    there is nothing. State it with every negative result.
    """
    return float(_at_least(needed_correct(trials, alpha=alpha), trials, _probability(skill, "skill")))


def trials_needed(*, skill: float, power: float = 0.8, alpha: float = 0.05) -> int:
    """Least number of trials that show a listener of ``skill`` with probability ``power``.

    Raises
    ------
    ValueError
        A skill of chance or less, or one so near to it that 100,000 trials are not enough.
    """
    from scipy.stats import binom

    _probability(skill, "skill"), _probability(power, "power"), _probability(alpha, "alpha")
    if skill <= CHANCE:
        raise ValueError(f"skill must be above chance, {CHANCE}; received {skill}: no test can show it")
    start, size = 1, 64
    while start <= MOST_TRIALS:
        n = np.arange(start, start + size)
        # isf is the least k with P(more than k) <= alpha.
        reached = binom.sf(binom.isf(alpha, n, CHANCE), n, skill) >= power
        if reached.any():
            return int(n[np.argmax(reached)])
        start, size = start + size, 2 * size
    raise ValueError(f"a skill of {skill} takes more than {MOST_TRIALS} trials: ask for a larger one")


def holm(p_values: Sequence[float]) -> list[float]:
    """p-values raised for how many were looked at: any below alpha is false with probability alpha at most.

    S. Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6,
    1979.
    """
    p = np.asarray(p_values, np.float64)
    order = np.argsort(p, kind="stable")
    raised = np.minimum(1.0, np.maximum.accumulate((len(p) - np.arange(len(p))) * p[order]))
    result = np.empty(len(p))
    result[order] = raised
    return result.tolist()


def _at_least(k, trials, p):
    """Probability of ``k`` successes or more, each of probability ``p``."""
    return special.bdtrc(np.asarray(k) - 1.0, trials, p)


def _probability(value: float, name: str) -> float:
    if not 0 < value < 1:
        raise ValueError(f"{name} must lie between 0 and 1; received {value}")
    return value
