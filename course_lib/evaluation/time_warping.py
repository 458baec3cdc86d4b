"""Dynamic time warping: which frame of one sound belongs to which of another."""

from __future__ import annotations

import numpy as np
from scipy.spatial.distance import cdist

# 4,000 frames each are 32 s at 8 kHz and a hop of 64, and a matrix of 128 MB beside its distances.
MAX_FRAMES = 4000


def align(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The path of least summed Euclidean distance from both beginnings to both ends.

    H. Sakoe, S. Chiba, "Dynamic programming algorithm optimization for spoken word recognition", IEEE Trans.
    ASSP 26(1), 1978, with steps of one frame in either sound or in both, all of equal weight. Computed one
    anti-diagonal at a time: its cells depend only on the two before it.

    Parameters
    ----------
    a, b : np.ndarray, shape (frames, coefficients)
        Two sequences of vectors of one size, up to 4,000 frames each.

    Returns
    -------
    rows, columns : np.ndarray, shape (steps,), int64
        Frames of ``a`` and of ``b`` that belong together; both run from 0 to the last frame and never back.

    Raises
    ------
    ValueError
        No frames, vectors of different size, or too many frames.
    """
    if a.ndim != 2 or b.ndim != 2 or a.shape[1] != b.shape[1] or not (len(a) and len(b)):
        raise ValueError(f"expected two arrays (frames, coefficients); received {a.shape} and {b.shape}")
    if max(len(a), len(b)) > MAX_FRAMES:
        raise ValueError(
            f"time warping compares every frame with every other: expected at most {MAX_FRAMES} frames; "
            f"received {max(len(a), len(b))}: cut the sounds or take a longer hop_length"
        )
    n, m = len(a), len(b)
    # A margin of infinity before the first row and column; the path begins at (1, 1).
    total = np.full((n + 1, m + 1), np.inf)
    total[1:, 1:] = cdist(a, b)
    total[0, 0] = 0.0
    for diagonal in range(2, n + m + 1):
        i = np.arange(max(1, diagonal - m), min(n, diagonal - 1) + 1)
        j = diagonal - i
        before = np.minimum(total[i - 1, j - 1], np.minimum(total[i - 1, j], total[i, j - 1]))
        total[i, j] += before
    return _trace(total)


def _trace(total: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The cheapest path back from the end; of equal steps the diagonal one is taken."""
    i, j = total.shape[0] - 1, total.shape[1] - 1
    path = []
    while i and j:
        path.append((i - 1, j - 1))
        steps = ((i - 1, j - 1), (i - 1, j), (i, j - 1))
        i, j = min(steps, key=lambda cell: total[cell])
    rows, columns = np.array(path[::-1], np.int64).T
    return rows, columns
