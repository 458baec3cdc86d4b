"""Inception scores: sure about each clip, undecided over all of them."""

from __future__ import annotations

import numpy as np

from course_lib.evaluation.generation import arrays


def inception_score(probabilities, *, splits: int = 1, seed: int = 0) -> float:
    """``exp(mean over clips of KL(p(y | x) || p(y)))``, 1 to the number of classes. Higher is better.

    T. Salimans et al., "Improved techniques for training GANs", NeurIPS 2016. It never sees a real clip, so
    one perfect clip a class, repeated, takes the top score: the modified score and recall notice that.

    Parameters
    ----------
    probabilities : np.ndarray, shape (clips, classes)
        A judge's; ``p(y)`` is their mean. Values below 1e-10 count as 1e-10 inside logarithms.
    splits : int
        Parts, dealt by ``seed``, that are scored each by itself and averaged: 10 in the paper. Few clips a
        part lower the score.

    Raises
    ------
    ValueError
        As :func:`arrays.probabilities`; fewer clips than splits.
    """
    p = arrays.probabilities(probabilities)
    if not 1 <= splits <= len(p):
        raise ValueError(f"splits must lie between 1 and the number of clips, {len(p)}; received {splits}")
    if splits == 1:
        return _score(p, p)
    parts = np.array_split(p[np.random.default_rng(seed).permutation(len(p))], splits)
    return float(np.mean([_score(part, part) for part in parts]))


def inception_score_in_halves(probabilities, *, seed: int = 0) -> float:
    """The inception score with ``p(y)`` from other clips: each random half against the mean of the other.

    As tables of generated spoken digits (SC09) have it: K. Goel, A. Gu, C. Donahue, C. Ré, "It's raw! Audio
    generation with state-space models", ICML 2022; there one half is scored, here both and their logarithms
    averaged. No clip counts in its own ``p(y)``: with few clips that score is a little above the plain one,
    which is a little below the truth.

    Parameters
    ----------
    probabilities : np.ndarray, shape (clips, classes)
        As :func:`inception_score`; two clips or more.
    """
    p = arrays.probabilities(probabilities, least=2)
    p = p[np.random.default_rng(seed).permutation(len(p))]
    one, other = p[: len(p) // 2], p[len(p) // 2 :]
    return float(np.sqrt(_score(one, other) * _score(other, one)))


def modified_inception_score(
    probabilities, *, labels=None, pairs: int | None = 10_000, seed: int = 0
) -> float:
    """``exp(mean of KL(p(y | a) || p(y | b)))`` over random pairs of clips. Higher is better, 1 at least.

    S. Gurumurthy, R. K. Sarvadevabhatla, R. V. Babu, "DeLiGAN: generative adversarial networks for diverse
    and limited data", CVPR 2017. Two protocols are in use. Tables of SC09 draw the pairs from all clips
    (``labels=None``): the score grows with how sure the judge is and how far clips are apart. The paper draws
    them within a class and averages over classes (``labels`` given): there it measures variety within a
    class, and 1 means that all clips of a class look alike. It has no upper end: it depends on how sure the
    judge may be, so compare it only with real clips' under the same judge.

    Parameters
    ----------
    probabilities : np.ndarray, shape (clips, classes)
        As :func:`inception_score`.
    labels : np.ndarray, shape (clips,), optional
        Each clip's class, asked for or heard (``probabilities.argmax(1)``).
    pairs : int, optional
        Pairs drawn, with replacement; for each class as many. None takes all pairs, each once, which is what
        the random ones estimate, and costs less.

    Raises
    ------
    ValueError
        As :func:`arrays.probabilities`; labels that do not fit; ``pairs`` below 1.
    """
    p = arrays.probabilities(probabilities)
    if pairs is not None and pairs < 1:
        raise ValueError(f"pairs must be at least 1, or None for all; received {pairs}")
    rng = np.random.default_rng(seed)
    if labels is None:
        return _pairs(p, pairs, rng)
    labels = np.asarray(labels)
    if labels.shape != (len(p),):
        raise ValueError(f"expected one label a clip, shape ({len(p)},); received {labels.shape}")
    return float(np.mean([_pairs(p[labels == label], pairs, rng) for label in np.unique(labels)]))


def _pairs(p: np.ndarray, pairs: int | None, rng: np.random.Generator) -> float:
    logs = arrays.log(p)
    if pairs is None:
        # The mean over all pairs falls apart into means over clips.
        divergence = np.mean(np.sum(p * logs, axis=1)) - p.mean(axis=0) @ logs.mean(axis=0)
    else:
        a, b = rng.integers(len(p), size=(2, pairs))
        divergence = np.mean(np.sum(p[a] * (logs[a] - logs[b]), axis=1))
    # Rounding alone takes equal clips below zero.
    return float(np.exp(max(divergence, 0.0)))


def _score(p: np.ndarray, marginal_of: np.ndarray) -> float:
    divergence = np.mean(np.sum(p * (arrays.log(p) - arrays.log(marginal_of.mean(axis=0))), axis=1))
    return float(np.exp(max(divergence, 0.0)))
