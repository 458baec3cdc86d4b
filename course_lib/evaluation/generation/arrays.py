"""What every score of generated clips asks of its arrays."""

from __future__ import annotations

import numpy as np

# One clip's probability of zero would make a divergence infinite: no judge is surer than this.
LEAST_PROBABILITY = 1e-10


def probabilities(values, *, name: str = "probabilities", least: int = 1) -> np.ndarray:
    """A judge's probabilities as float64, shape (clips, classes), each row summing to one.

    Raises
    ------
    ValueError
        Another shape, fewer than ``least`` clips, NaN, negative values, or rows that do not sum to one.
    """
    values = _table(values, name, "(clips, classes)", least)
    if values.shape[1] < 2:
        raise ValueError(f"{name} need two classes or more; received shape {values.shape}")
    sums = values.sum(axis=1)
    worst = float(sums[np.abs(sums - 1).argmax()])
    if values.min() < -1e-6 or abs(worst - 1) > 1e-3:
        raise ValueError(
            f"each clip's {name} must be 0 or more and sum to one; received a least value of "
            f"{values.min():.3g} and a sum of {worst:.3g}: give probabilities, such as a softmax of logits"
        )
    values = np.maximum(values, 0)
    return values / values.sum(axis=1, keepdims=True)


def log(p: np.ndarray) -> np.ndarray:
    """Natural logarithm of probabilities, finite also at zero."""
    return np.log(np.maximum(p, LEAST_PROBABILITY))


def features(values, *, name: str = "features", least: int = 2) -> np.ndarray:
    """Features as float64, shape (clips, features); ValueError for another shape, NaN, or too few clips."""
    return _table(values, name, "(clips, features)", least)


def feature_pair(real, fake, *, least: int = 2, names=("real", "generated")) -> tuple[np.ndarray, np.ndarray]:
    """Two sets of features of one size, each as :func:`features`."""
    real, fake = (
        features(values, name=f"{name} features", least=least)
        for values, name in zip((real, fake), names, strict=True)
    )
    if real.shape[1] != fake.shape[1]:
        raise ValueError(
            f"{names[0]} and {names[1]} clips need the same features; received {real.shape[1]} and "
            f"{fake.shape[1]} numbers a clip: take both from one judge"
        )
    return real, fake


def neighbourhood(k: int, clips: int) -> None:
    """ValueError unless each of ``clips`` has ``k`` others around it."""
    if not 1 <= k < clips:
        raise ValueError(
            f"k must lie between 1 and {clips - 1} for {clips} clips; received {k}: give more clips"
        )


def _table(values, name: str, shape: str, least: int) -> np.ndarray:
    values = np.asarray(values)
    if values.ndim != 2 or values.shape[1] == 0:
        raise ValueError(f"expected {name} of shape {shape}; received {values.shape}")
    if len(values) < least:
        raise ValueError(f"expected {name} of {least} clips or more; received {len(values)}: give more clips")
    values = values.astype(np.float64)
    if not np.isfinite(values).all():
        bad = int((~np.isfinite(values)).any(axis=1).sum())
        raise ValueError(
            f"the {name} of {bad} clips hold NaN or infinite values: look at those clips' sound first"
        )
    return values
