"""How far a score may be from what another sample would have given."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Z_95 = 1.959963984540054


def wilson_interval(correct: int, total: int, *, z: float = Z_95) -> tuple[float, float]:
    """Confidence interval of a proportion; 95 % by default.

    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22, 1927.
    Stays inside [0, 1] and has a width even at 0 and 100 %.
    """
    if not 0 <= correct <= total or total < 1:
        raise ValueError(f"expected 0 <= correct <= total and total >= 1; received {correct} of {total}")
    share = correct / total
    centre = (share + z * z / (2 * total)) / (1 + z * z / total)
    half = z / (1 + z * z / total) * np.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    # Exact where rounding would leave 0 or 100 % outside of its own interval.
    low = 0.0 if correct == 0 else float(centre - half)
    return low, 1.0 if correct == total else float(centre + half)


def mean_interval(
    values, *, confidence: float = 0.95, bounds: tuple[float, float] = (-np.inf, np.inf)
) -> dict[str, float]:
    """Mean of a few independent values with Student's interval: what six speakers say about the next one.

    Student, "The probable error of a mean", Biometrika 6, 1908. For half a dozen values it is honest where
    the normal interval and the bootstrap are a third too narrow.

    Parameters
    ----------
    values : np.ndarray, shape (groups,)
        One score a group, such as the accuracy on each held-out speaker.
    bounds : tuple of float
        Least and greatest possible score; the interval is cut there.

    Returns
    -------
    dict
        ``mean``, ``low``, ``high``, ``se`` (standard error) and ``groups``.

    Raises
    ------
    ValueError
        Fewer than two values, or one that is not finite.
    """
    from scipy.stats import t

    values = np.asarray(values, np.float64)
    if values.ndim != 1 or len(values) < 2 or not np.isfinite(values).all():
        raise ValueError(f"expected two finite values or more, shape (groups,); received {values}")
    mean, se = float(values.mean()), float(values.std(ddof=1) / np.sqrt(len(values)))
    half = float(t.ppf((1 + _confidence(confidence)) / 2, len(values) - 1)) * se
    low, high = np.clip([mean - half, mean + half], *bounds)
    return {"mean": mean, "low": float(low), "high": float(high), "se": se, "groups": len(values)}


def bootstrap(
    function: Callable[..., float],
    *arrays,
    n: int = 200,
    paired: bool = False,
    halves: bool = False,
    confidence: float = 0.95,
    bounds: tuple[float, float] = (-np.inf, np.inf),
    seed: int = 0,
) -> dict[str, float]:
    """A score with the interval that drawing the clips again would give.

    B. Efron, "Bootstrap methods: another look at the jackknife", Annals of Statistics 7, 1979. Percentiles
    of the resampled scores, moved so that their mean lies on the score: a resample holds some clips twice,
    which by itself raises a Fréchet distance or an information estimate, and that part would otherwise put
    the interval beside the score. It is told as ``bias``. The interval is one for the score *at this number
    of clips*: where a score depends on that number, as a Fréchet distance does, compare at equal numbers.

    Parameters
    ----------
    function : callable
        Arrays -> float.
    *arrays : np.ndarray, shape (clips, ...)
        Resampled along their first axis, each by itself.
    n : int
        Resamples.
    paired : bool
        Draw the same clips from all arrays, which then are equally long.
    halves : bool
        Draw half of the clips, none twice: for scores made of nearest neighbours, to which a clip drawn twice
        is its own. A half without repetition varies as much as the whole would in another sample (D. N.
        Politis, J. P. Romano, "Large sample confidence regions based on subsamples under minimal
        assumptions", Annals of Statistics 22, 1994).
    bounds : tuple of float
        Least and greatest possible score; the interval is cut there.
    seed : int
        The same arrays and seed give the same interval.

    Returns
    -------
    dict
        ``value``, ``low``, ``high``, ``se`` (standard deviation over resamples) and ``bias`` (mean of the
        resamples less the value).

    Raises
    ------
    ValueError
        No array, an empty one, lengths that differ although ``paired``, fewer than 20 resamples, or a score
        that is not finite.
    """
    arrays = tuple(np.asarray(array) for array in arrays)
    lengths = [len(array) if array.ndim else 0 for array in arrays]
    least = 2 if halves else 1
    if not arrays or min(lengths) < least or (paired and len(set(lengths)) > 1):
        what = "equally many clips in each array" if paired else "arrays with clips"
        raise ValueError(f"expected {what}; received {lengths}")
    if n < 20:
        raise ValueError(f"n must be at least 20 resamples; received {n}")
    _confidence(confidence)
    value = _finite(function(*arrays))
    rng = np.random.default_rng(seed)

    def drawn(length: int) -> np.ndarray:
        if halves:
            return rng.permutation(length)[: length // 2]
        return rng.integers(length, size=length)

    scores = np.empty(n)
    for draw in range(n):
        indices = [drawn(lengths[0])] * len(arrays) if paired else [drawn(length) for length in lengths]
        again = (array[index] for array, index in zip(arrays, indices, strict=True))
        scores[draw] = _finite(function(*again))
    bias = float(scores.mean() - value)
    ends = np.quantile(scores, [(1 - confidence) / 2, (1 + confidence) / 2]) - bias
    # Skewed scores: the moved percentiles still enclose the value itself.
    low, high = np.clip([min(ends[0], value), max(ends[1], value)], *bounds)
    return {
        "value": value,
        "low": float(low),
        "high": float(high),
        "se": float(scores.std(ddof=1)),
        "bias": bias,
    }


def _confidence(confidence: float) -> float:
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must lie between 0 and 1; received {confidence}")
    return confidence


def _finite(score: float) -> float:
    score = float(score)
    if not np.isfinite(score):
        raise ValueError(f"the score must be finite on every resample; received {score}")
    return score
