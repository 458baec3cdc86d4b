"""The Fréchet distance of two Gaussians, and how far from zero it stays between equals."""

from __future__ import annotations

import numpy as np

from course_lib.evaluation.generation import arrays
from course_lib.evaluation.generation.splitting import equal_parts

MOST_FEATURES = 64


def frechet_distance(real, fake) -> float:
    """Squared Fréchet distance of the Gaussians fitted to two sets of features. Lower is better, 0 at best.

    ``|m1 - m2|^2 + tr(C1 + C2 - 2 (C1 C2)^(1/2))``: D. C. Dowson, B. V. Landau, "The Fréchet distance between
    multivariate normal distributions", J. Multivariate Analysis 12, 1982; for generated images M. Heusel et
    al., NeurIPS 2017. The trace is the sum of the singular values of ``C1^(1/2) C2^(1/2)``, which are real
    and not negative also where a collapsed model makes ``C2`` singular.

    Two samples of one distribution are not at distance 0: the score is too high by an amount that grows with
    the number of features and falls with the number of clips. See :func:`frechet_against_floor`.

    Parameters
    ----------
    real, fake : np.ndarray, shape (clips, features)
        From one judge; at most 64 features, fewer than clips.

    Returns
    -------
    float
        In the features' unit squared.

    Raises
    ------
    ValueError
        As :func:`arrays.feature_pair`; more than 64 features, or not more clips than features.
    """
    real, fake = arrays.feature_pair(real, fake)
    size = real.shape[1]
    if size > MOST_FEATURES:
        raise ValueError(
            f"at most {MOST_FEATURES} features; received {size}: project both sets on the first principal "
            "components of the real clips"
        )
    fewest = min(len(real), len(fake))
    if fewest <= size:
        raise ValueError(
            f"a covariance of {size} features takes more than {size} clips; received {fewest}: give more "
            "clips, or project on fewer principal components of the real clips"
        )
    moments = [(part.mean(axis=0), np.atleast_2d(np.cov(part, rowvar=False))) for part in (real, fake)]
    return frechet_of_gaussians(*moments[0], *moments[1])


def frechet_of_gaussians(mean_a, covariance_a, mean_b, covariance_b) -> float:
    """The same from means, shape (features,), and covariances, shape (features, features)."""
    difference = np.asarray(mean_a, np.float64) - np.asarray(mean_b, np.float64)
    roots = [_root(np.asarray(c, np.float64)) for c in (covariance_a, covariance_b)]
    overlap = np.linalg.svd(roots[0] @ roots[1], compute_uv=False).sum()
    # The traces of the roots' squares, not of the covariances: rounding then cancels for equal ones.
    spread = sum(np.sum(root**2) for root in roots)
    return float(max(difference @ difference + spread - 2 * overlap, 0.0))


def frechet_against_floor(real, fake, *, splits: int = 10, seed: int = 0) -> dict[str, float]:
    """The distance of generated clips beside that of other real ones, all with equally many clips.

    Parameters
    ----------
    real, fake : np.ndarray, shape (clips, features)
        As :func:`frechet_distance`. At most half of the real clips are compared at a time.
    splits : int
        Random halves of the real clips over which both distances are averaged.

    Returns
    -------
    dict
        ``distance``: generated against real; ``floor``: real against other real; ``ratio`` of the two;
        ``distance_sd`` and ``floor_sd`` (over splits, which share clips); ``clips`` on each side.
    """
    real, fake = arrays.feature_pair(real, fake, least=4)
    pairs = []
    for one, other, made in equal_parts(len(real), len(fake), splits=splits, seed=seed):
        pairs.append(
            (frechet_distance(real[one], fake[made]), frechet_distance(real[one], real[other]), len(one))
        )
    distance, floor, clips = np.array(pairs).T
    return {
        "distance": float(distance.mean()),
        "floor": float(floor.mean()),
        "ratio": float(distance.mean() / floor.mean()) if floor.mean() > 0 else float("inf"),
        "distance_sd": float(distance.std()),
        "floor_sd": float(floor.std()),
        "clips": int(clips[0]),
    }


def _root(covariance: np.ndarray) -> np.ndarray:
    """The symmetric root of a symmetric matrix; eigenvalues that rounding made negative count as zero."""
    values, vectors = np.linalg.eigh((covariance + covariance.T) / 2)
    return (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
