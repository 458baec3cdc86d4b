"""Quality and variety apart: spheres around clips stand for where clips can be."""

from __future__ import annotations

import numpy as np

from course_lib.evaluation.generation import arrays, neighbours

K_PRECISION = 3
K_DENSITY = 5


def precision_recall(real, fake, *, k: int = K_PRECISION) -> tuple[float, float]:
    """Share of generated clips that could be real, and of real clips that could be generated. 0 to 1.

    T. Kynkäänniemi, T. Karras, S. Laine, J. Lehtinen, T. Aila, "Improved precision and recall metric for
    assessing generative models", NeurIPS 2019: a clip could be of a set when it lies within the distance of
    some member to that member's k-th nearest other. Low precision is noise, low recall is mode collapse.
    One outlier among the real clips has a huge sphere: :func:`density_coverage` suffers less from it.

    Parameters
    ----------
    real, fake : np.ndarray, shape (clips, features)
        From one judge. Take equally many: both depend on the number of clips.

    Raises
    ------
    ValueError
        As :func:`arrays.feature_pair`; ``k`` below 1 or not below the number of clips.
    """
    return share_within(fake, real, k=k), share_within(real, fake, k=k)


def share_within(queries, points, *, k: int = K_PRECISION) -> float:
    """Share of clips that lie within the spheres around others: precision, and turned around recall."""
    points, queries = _checked(points, queries, k)
    limit = neighbours.squared_radii(points, k) + neighbours.slack(queries, points)
    within = 0
    for _, block in neighbours.squared_distances(queries, points):
        within += int(np.sum((block <= limit).any(axis=1)))
    return within / len(queries)


def density_coverage(real, fake, *, k: int = K_DENSITY) -> tuple[float, float]:
    """How crowded generated clips lie among real ones, and the share of real clips with one beside them.

    M. F. Naeem, S. J. Oh, Y. Uh, Y. Choi, J. Yoo, "Reliable fidelity and diversity metrics for generative
    models", ICML 2020. Density is 1 in expectation for equal distributions and has no upper end; coverage
    then is near 1 (0.97 for k = 5), whatever the features. Both use spheres around real clips alone.

    Parameters
    ----------
    real, fake : np.ndarray, shape (clips, features)
        From one judge. Take equally many.

    Raises
    ------
    ValueError
        As :func:`precision_recall`.
    """
    real, fake = _checked(real, fake, k)
    limit = neighbours.squared_radii(real, k) + neighbours.slack(fake, real)
    around, covered = 0, np.zeros(len(real), bool)
    for _, block in neighbours.squared_distances(fake, real):
        inside = block <= limit
        around += int(inside.sum())
        covered |= inside.any(axis=0)
    return around / (k * len(fake)), float(covered.mean())


def _checked(real, fake, k: int) -> tuple[np.ndarray, np.ndarray]:
    real, fake = arrays.feature_pair(real, fake)
    arrays.neighbourhood(k, min(len(real), len(fake)))
    return real, fake
