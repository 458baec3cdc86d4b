"""Whether each cause, such as a note's pitch or instrument, has a latent of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from course_lib.evaluation.intervals import bootstrap

BINS = 20


def mutual_information_gap(
    z, factors: Mapping[str, np.ndarray], *, bins: int = BINS, resamples: int = 100, seed: int = 0
) -> dict[str, Any]:
    """How much more one latent knows of each factor than the next best does, as a share of all there is.

    T. Q. Chen, X. Li, R. Grosse, D. Duvenaud, "Isolating sources of disentanglement in variational
    autoencoders", NeurIPS 2018: for each factor the largest less the second largest mutual information with
    one latent, divided by the factor's entropy. 1: one latent tells the factor, the others say nothing of
    it. 0: no latent knows it, or two know it equally well, whatever they know.

    Each latent is cut into bins of equally many clips, so that no stretching of an axis changes the score.
    Few clips make any two look related: a factor's ``information`` is too high by about ``(bins - 1) *
    (values - 1) / (2 * clips)`` nats, for all latents alike, and the gap is nearly free of it. ``chance``,
    the same for shuffled factors, shows what is left.

    Parameters
    ----------
    z : np.ndarray, shape (clips, latent_dim)
        Latents, or posterior means; two numbers a clip or more.
    factors : mapping of str to np.ndarray, shape (clips,), integers or str
        What was played, by name: ``{"pitch": clips.pitch, "instrument": clips.label}``.
    bins : int
        Bins of a latent.
    resamples : int
        Bootstrap resamples of the clips for the 95 % intervals.
    seed : int
        Of the bootstrap and of the shuffling.

    Returns
    -------
    dict
        ``gap``, ``low``, ``high``: mean over factors with its interval; ``chance``: mean gap when factors
        are shuffled; ``factors``: for each name ``gap``, ``low``, ``high``, ``chance``, ``latent`` (index of
        the best), ``information`` (latent_dim,) and ``entropy``, both in nats.

    Raises
    ------
    ValueError
        Shapes that do not fit, NaN, a factor of real numbers or of a single value, fewer clips than bins.
    """
    z = np.asarray(z, np.float64)
    if z.ndim != 2 or z.shape[1] < 2 or not len(z):
        raise ValueError(f"expected latents of shape (clips, latent_dim >= 2); received {z.shape}")
    if not np.isfinite(z).all():
        raise ValueError("the latents hold NaN or infinite values: the training has diverged")
    if not 2 <= bins <= len(z):
        raise ValueError(f"bins must lie between 2 and the number of clips, {len(z)}; received {bins}")
    if not factors:
        raise ValueError('expected one factor or more, as {"pitch": pitch}; received none')
    coded = {name: _codes(name, values, len(z)) for name, values in factors.items()}
    binned = _equal_bins(z, bins)
    shuffled = np.random.default_rng(seed).permutation(len(z))
    together = np.stack(list(coded.values()), axis=1)

    def mean_gap(latents, values):
        return np.mean([_gap(latents, column) for column in values.T])

    result = bootstrap(mean_gap, binned, together, n=resamples, paired=True, bounds=(0.0, 1.0), seed=seed)
    each = {}
    for name, values in coded.items():
        information = _information(binned, values)
        one = bootstrap(_gap, binned, values, n=resamples, paired=True, bounds=(0.0, 1.0), seed=seed)
        each[name] = {
            "gap": one["value"],
            "low": one["low"],
            "high": one["high"],
            "chance": float(_gap(binned, values[shuffled])),
            "latent": int(information.argmax()),
            "information": information,
            "entropy": _entropy(np.bincount(values)),
        }
    return {
        "gap": result["value"],
        "low": result["low"],
        "high": result["high"],
        "chance": float(np.mean([one["chance"] for one in each.values()])),
        "factors": each,
    }


def _codes(name: str, values, clips: int) -> np.ndarray:
    values = np.asarray(values)
    if values.shape != (clips,):
        raise ValueError(f"expected {clips} values of {name}, one a clip; received shape {values.shape}")
    if np.issubdtype(values.dtype, np.inexact):
        raise ValueError(f"{name} must be discrete, integers or names; received {values.dtype}: round it")
    known, codes = np.unique(values, return_inverse=True)
    if len(known) < 2:
        raise ValueError(f"{name} is {known[0]} in every clip: there is nothing to tell apart")
    return codes


def _equal_bins(z: np.ndarray, bins: int) -> np.ndarray:
    """Each column's bin, 0 to ``bins - 1``; equal values always share one, so a dead latent has one bin."""
    ordered = np.sort(z, axis=0)
    rank = np.stack([np.searchsorted(ordered[:, d], z[:, d]) for d in range(z.shape[1])], axis=1)
    return rank * bins // len(z)


def _gap(binned: np.ndarray, values: np.ndarray) -> float:
    entropy = _entropy(np.bincount(values))
    if not entropy > 0:
        return 0.0
    second, best = np.sort(_information(binned, values))[-2:]
    return float((best - second) / entropy)


def _information(binned: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Mutual information of each latent with the factor, shape (latent_dim,), nats."""
    known, bins = values.max() + 1, binned.max() + 1
    of_factor = _entropy(np.bincount(values))
    found = [
        of_factor
        + _entropy(np.bincount(column, minlength=bins))
        - _entropy(np.bincount(column * known + values))
        for column in binned.T
    ]
    # Rounding alone takes an independent latent below zero.
    return np.maximum(found, 0.0)


def _entropy(counts: np.ndarray) -> float:
    share = counts[counts > 0] / counts.sum()
    return float(-np.sum(share * np.log(share)))
