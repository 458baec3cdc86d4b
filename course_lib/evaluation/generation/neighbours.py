"""Nearest neighbours among many clips in little memory: distances come in blocks of rows."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

BLOCK_BYTES = 32e6


def squared_distances(queries: np.ndarray, points: np.ndarray) -> Iterator[tuple[slice, np.ndarray]]:
    """Squared Euclidean distances, a block of queries at a time: (which queries, (rows, points)).

    Computed as ``|a|^2 + |b|^2 - 2 a b`` about the points' mean, right to about :func:`slack`.
    """
    centre = points.mean(axis=0)
    queries, points = queries - centre, points - centre
    own, other = np.sum(queries**2, axis=1), np.sum(points**2, axis=1)
    rows = max(1, int(BLOCK_BYTES / (8 * len(points))))
    for start in range(0, len(queries), rows):
        part = slice(start, min(start + rows, len(queries)))
        block = queries[part] @ points.T
        block *= -2
        block += own[part, None]
        block += other
        yield part, np.maximum(block, 0, out=block)


def slack(queries: np.ndarray, points: np.ndarray) -> float:
    """How much rounding may add to a squared distance: equal clips count as equal within this."""
    centre = points.mean(axis=0)
    largest = max(np.sum((part - centre) ** 2, axis=1).max() for part in (queries, points))
    return 1e-12 * float(largest)


def nearest(queries: np.ndarray, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distance of each query to the nearest point, exact for copies, and that point's index."""
    index = np.empty(len(queries), np.int64)
    for part, block in squared_distances(queries, points):
        index[part] = block.argmin(axis=1)
    return np.linalg.norm(queries - points[index], axis=1), index


def squared_radii(points: np.ndarray, k: int) -> np.ndarray:
    """Squared distance of each point to its k-th nearest other point."""
    radii = np.empty(len(points))
    for part, block in squared_distances(points, points):
        rows = np.arange(part.start, part.stop)
        block[rows - part.start, rows] = np.inf
        radii[part] = np.partition(block, k - 1, axis=1)[:, k - 1]
    return radii
