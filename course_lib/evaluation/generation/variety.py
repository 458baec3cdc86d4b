"""Which classes a generator never makes."""

from __future__ import annotations

import numpy as np

from course_lib.evaluation.generation import arrays


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
