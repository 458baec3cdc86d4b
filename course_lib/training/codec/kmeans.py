"""Codewords where the training clips are: k-means, of single numbers or of pairs."""

from __future__ import annotations

import numpy as np

from course_lib.training.codec.code_table import CodeTable
from course_lib.training.codec.quantiser import SURPRISE, Quantiser, check_fit

# A word that stands for fewer training clips than this is learnt by heart.
CLIPS_A_WORD = 16
# Up to so many bits a number, pairs share a codebook: a plane is tiled better than by squares.
PAIRS_UP_TO = 4.0


class KMeansQuantiser(Quantiser):
    """Codebooks by S. Lloyd, "Least squares quantization in PCM", 1957 (Trans. IT 28, 1982)."""

    kind = "kmeans"

    @classmethod
    def fit(cls, latents: np.ndarray, weight: np.ndarray, *, bits: float, seed: int = 0) -> KMeansQuantiser:
        """Give each group of numbers as many codewords as its spread at the listener's end is worth.

        Parameters
        ----------
        latents : np.ndarray, shape (clips, latent_dim)
            Of training clips.
        weight : np.ndarray, shape (latent_dim,)
            Squared error at the listener's end of one unit of error in each number.
        bits : float
            log2 of the codewords a number, in the mean over numbers, as far as there are clips to learn so
            many from; 0.25 to 8.
        seed : int
            Of the first guess.
        """
        latents, weight = check_fit(latents, weight, bits)
        scale = np.sqrt(weight)
        spread = latents.std(axis=0) * scale
        size = 2 if bits <= PAIRS_UP_TO else 1
        # Neighbours in spread share a codebook, so that its two axes are about equally fine.
        order = np.argsort(-spread, kind="stable")
        groups = [order[start : start + size] for start in range(0, len(order), size)]
        share = _water_filling(spread, bits)
        most = max(1.0, np.log2(len(latents) / CLIPS_A_WORD))
        words, tables = [], []
        for group in groups:
            count = round(2 ** min(most, share[group].sum()))
            made = _codebook(latents[:, group] * scale[group], count, seed)
            words.append(made[0] / scale[group])
            tables.append(made[1])
        return cls(words, tables, order, scale, bits)


def _water_filling(spread: np.ndarray, bits: float) -> np.ndarray:
    """Bits for each number: max(0, log2(spread / level)), their mean being ``bits``."""
    logs = np.log2(np.maximum(spread, 1e-9 * spread.max()))
    low, high = logs.min() - bits - 1, logs.max()
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if np.maximum(0, logs - middle).mean() > bits else (low, middle)
    return np.maximum(0, logs - high)


def _codebook(x: np.ndarray, count: int, seed: int) -> tuple[np.ndarray, CodeTable]:
    """(words, numbers) and how often each is used, of points of shape (clips, numbers)."""
    from sklearn.cluster import KMeans

    count = max(1, min(count, len(np.unique(x, axis=0))))
    fitted = KMeans(count, n_init=1, random_state=seed, max_iter=50, tol=1e-3).fit(x)
    used = np.bincount(fitted.labels_, minlength=count)
    return fitted.cluster_centers_, CodeTable.of_weights(used + SURPRISE * len(x) / count)
