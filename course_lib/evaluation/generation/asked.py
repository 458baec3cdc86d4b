"""Does the judge hear what was asked for, and does it hear every class?"""

from __future__ import annotations

from typing import Any

import numpy as np

from course_lib.evaluation.generation import arrays
from course_lib.evaluation.intervals import wilson_interval


def agreement(probabilities, asked) -> dict[str, Any]:
    """Share of clips in which the judge hears the class that was asked for. Higher is better.

    For real clips and their labels it is the judge's accuracy, which no model can be expected to pass.

    Parameters
    ----------
    probabilities : np.ndarray, shape (clips, classes)
        A judge's.
    asked : np.ndarray, shape (clips,), integers
        Index of the class that each clip was to be.

    Returns
    -------
    dict
        ``agreement`` with ``low`` and ``high`` (95 % Wilson), ``chance`` (what the same clips would score
        with the classes dealt out anew), ``by_class`` (class -> share, of those asked for) and ``confusion``
        (classes, classes; rows are what was asked, columns what was heard).

    Raises
    ------
    ValueError
        As :func:`arrays.probabilities`; not one class index a clip.
    """
    p = arrays.probabilities(probabilities)
    classes = p.shape[1]
    asked = np.asarray(asked)
    if asked.shape != (len(p),) or not np.issubdtype(asked.dtype, np.integer):
        raise ValueError(
            f"expected one class index a clip, integers of shape ({len(p)},); received {asked.dtype} of "
            f"shape {asked.shape}"
        )
    if asked.min() < 0 or asked.max() >= classes:
        raise ValueError(f"classes go from 0 to {classes - 1}; received {asked.min()} to {asked.max()}")
    confusion = np.zeros((classes, classes), np.int64)
    np.add.at(confusion, (asked, p.argmax(axis=1)), 1)
    right, total = int(np.trace(confusion)), len(p)
    low, high = wilson_interval(right, total)
    by_asked, by_heard = confusion.sum(axis=1), confusion.sum(axis=0)
    return {
        "agreement": right / total,
        "low": low,
        "high": high,
        "chance": float(by_asked @ by_heard) / total**2,
        "by_class": {int(c): float(confusion[c, c] / by_asked[c]) for c in np.flatnonzero(by_asked)},
        "confusion": confusion,
    }


def missing_classes(real_probabilities, fake_probabilities, *, least: float = 0.1) -> list[int]:
    """Classes that the judge hears among generated clips less than a tenth as often as among real ones.

    One missing class or more is mode collapse of the kind that a table of scores can hide.

    Parameters
    ----------
    real_probabilities, fake_probabilities : np.ndarray, shape (clips, classes)
        The same judge's; a clip counts for its likeliest class.
    least : float
        The share of the real frequency below which a class is missing.

    Returns
    -------
    list of int
        Indices of classes. Ask it of 100 clips or more: of few, some classes are missing by chance.
    """
    shares = []
    for p in (real_probabilities, fake_probabilities):
        p = arrays.probabilities(p)
        shares.append(np.bincount(p.argmax(axis=1), minlength=p.shape[1]) / len(p))
    if len(shares[0]) != len(shares[1]):
        raise ValueError(f"classes differ: {len(shares[0])} of real and {len(shares[1])} of generated clips")
    return np.flatnonzero((shares[0] > 0) & (shares[1] < least * shares[0])).tolist()
