"""New clips, or the training set by heart?"""

from __future__ import annotations

from typing import Any

import numpy as np

from course_lib.evaluation.generation import arrays, neighbours
from course_lib.evaluation.intervals import bootstrap

# Of a training clip's distance from the mean of them: nearer than this is no likeness but the clip itself.
COPY_TOLERANCE = 1e-3


def copies(train, made, *, tolerance: float = COPY_TOLERANCE) -> np.ndarray:
    """Which training clip each generated clip repeats exactly, -1 where it repeats none.

    Parameters
    ----------
    train, made : np.ndarray, shape (clips, ...)
        Samples or features, prepared alike: a copy at another level is found only where both were
        normalised.
    tolerance : float
        Largest distance, relative to the training clip's own distance from the mean training clip.

    Returns
    -------
    np.ndarray, shape (generated clips,), int64

    Raises
    ------
    ValueError
        Clips of different shapes, no clip, NaN.
    """
    train, made = np.asarray(train), np.asarray(made)
    if train.shape[1:] != made.shape[1:] or not len(train) or not len(made):
        raise ValueError(f"expected clips of one shape on both sides; received {train.shape}, {made.shape}")
    train, made = arrays.feature_pair(
        train.reshape(len(train), -1), made.reshape(len(made), -1), least=1, names=("training", "generated")
    )
    return _repeated(train, *neighbours.nearest(made, train), tolerance)


def memorisation(
    train, held_out, made, *, tolerance: float = COPY_TOLERANCE, resamples: int = 200, seed: int = 0
) -> dict[str, Any]:
    """How near generated clips come to training clips, measured by how near unheard real clips come.

    A model that has learnt the distribution makes clips as near to the training set as held-out clips are. A
    model that repeats its training set makes nearer ones. Noise is farther, so a good ratio alone proves
    nothing. Held-out clips of the same speakers as the training's are the fair measure for a model that was
    to speak like these; new speakers lie farther away by themselves.

    Parameters
    ----------
    train, held_out, made : np.ndarray, shape (clips, features)
        Training, unheard real and generated clips, features from one judge.
    tolerance : float
        As :func:`copies`.
    resamples : int
        Bootstrap resamples, of held-out and generated clips, for the interval of the ratio.

    Returns
    -------
    dict
        ``nearest`` and ``nearest_held_out``: mean distance of a generated and of a held-out clip to its
        nearest training clip, in the features' unit; ``ratio`` of the two with ``low`` and ``high`` (95 %);
        ``nearer``: how often a random generated clip is nearer than a random held-out one, 0.5 for new clips
        and 1 for copies (the test of C. Meehan, K. Chaudhuri, S. Dasgupta, "A non-parametric test to detect
        data-copying in generative models", AISTATS 2020, without its cells; noise cannot hide copies from
        it as it does from a mean); ``copies``: share of exact copies.

    Raises
    ------
    ValueError
        As :func:`arrays.feature_pair`; held-out clips that are all in the training set.
    """
    train, held_out = arrays.feature_pair(train, held_out, names=("training", "held-out"))
    train, made = arrays.feature_pair(train, made, names=("training", "generated"))
    of_held_out, _ = neighbours.nearest(held_out, train)
    of_made, index = neighbours.nearest(made, train)
    if not np.any(of_held_out):
        raise ValueError("every held-out clip is in the training set; give clips that the model has not seen")

    def ratio(unheard, generated):
        return generated.mean() / unheard.mean()

    interval = bootstrap(ratio, of_held_out, of_made, n=resamples, bounds=(0, np.inf), seed=seed)
    ordered = np.sort(of_held_out)
    below, up_to = (np.searchsorted(ordered, of_made, side=side) for side in ("left", "right"))
    farther = len(ordered) - 0.5 * (below + up_to)
    return {
        "nearest": float(of_made.mean()),
        "nearest_held_out": float(of_held_out.mean()),
        "ratio": interval["value"],
        "low": interval["low"],
        "high": interval["high"],
        "nearer": float(farther.mean() / len(ordered)),
        "copies": float(np.mean(_repeated(train, of_made, index, tolerance) >= 0)),
    }


def _repeated(train: np.ndarray, distance: np.ndarray, index: np.ndarray, tolerance: float) -> np.ndarray:
    size = np.linalg.norm(train - train.mean(axis=0), axis=1)
    return np.where(distance <= tolerance * size[index], index, -1)
