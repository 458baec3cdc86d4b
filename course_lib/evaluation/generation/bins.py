"""Number of statistically different bins: regions of the real clips served too often or too rarely."""

from __future__ import annotations

import numpy as np

from course_lib.evaluation.generation import arrays

BINS = 50
SIGNIFICANCE = 0.05
# Below this a proportion's normal approximation, and so the test, means little.
CLIPS_PER_BIN = 5


def ndb(real, fake, *, bins: int = BINS, significance: float = SIGNIFICANCE, seed: int = 0) -> float:
    """Share of bins whose proportions of real and of generated clips differ significantly. Lower is better.

    E. Richardson, Y. Weiss, "On GANs and GMMs", NeurIPS 2018, NDB over the number of bins: k-means on the
    real features cuts their space into bins, and each bin's two proportions are compared by the pooled
    two-proportion z-test. Two samples of one distribution give about ``significance``, not 0.

    Parameters
    ----------
    real, fake : np.ndarray, shape (clips, features)
        From one judge.
    bins : int
        Clusters; 50 as in tables of SC09 (the paper takes 100), and on average five real clips in each.
    significance : float
        Of each bin's test.
    seed : int
        Starts k-means.

    Raises
    ------
    ValueError
        As :func:`arrays.feature_pair`; too few real clips, or too few different ones, for the bins.
    """
    real, fake = arrays.feature_pair(real, fake)
    return different_share(*assign(real, fake, bins=bins, seed=seed), bins=bins, significance=significance)


def assign(real: np.ndarray, *others: np.ndarray, bins: int, seed: int = 0) -> list[np.ndarray]:
    """The bin of each clip, 0 to ``bins - 1``: of the real clips, which make the bins, and of the others."""
    from sklearn.cluster import KMeans

    if bins < 2 or len(real) < CLIPS_PER_BIN * bins:
        raise ValueError(
            f"{bins} bins take {CLIPS_PER_BIN * max(bins, 2)} real clips and there are two bins at least; "
            f"received {len(real)} clips: give more, or take at most {len(real) // CLIPS_PER_BIN} bins"
        )
    different = len(np.unique(real, axis=0))
    if different < bins:
        raise ValueError(f"only {different} of the real clips differ: {bins} bins cannot be told apart")
    clusters = KMeans(bins, n_init=1, random_state=seed).fit(real)
    return [clusters.labels_, *(clusters.predict(other) for other in others)]


def different_share(real_bin, fake_bin, *, bins: int, significance: float = SIGNIFICANCE) -> float:
    """The share of bins that differ, from each clip's bin: see :func:`ndb`."""
    from scipy.stats import norm

    n, m = len(real_bin), len(fake_bin)
    a = np.bincount(real_bin, minlength=bins) / n
    b = np.bincount(fake_bin, minlength=bins) / m
    pooled = (n * a + m * b) / (n + m)
    error = np.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
    # No error: both have none of their clips there, or all. They do not differ then.
    z = np.divide(np.abs(a - b), error, out=np.zeros(bins), where=error > 0)
    return float(np.mean(z > norm.isf(significance / 2)))
