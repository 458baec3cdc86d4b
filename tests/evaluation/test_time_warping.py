"""Dynamic time warping against the recursion written cell by cell."""

from __future__ import annotations

import numpy as np
import pytest

from course_lib.evaluation.time_warping import align


def _least_sum(a: np.ndarray, b: np.ndarray) -> float:
    """Sakoe and Chiba's recursion in plain loops."""
    total = {(-1, -1): 0.0}
    for i in range(len(a)):
        for j in range(len(b)):
            before = min(total.get(cell, np.inf) for cell in ((i - 1, j - 1), (i - 1, j), (i, j - 1)))
            total[i, j] = np.linalg.norm(a[i] - b[j]) + before
    return total[len(a) - 1, len(b) - 1]


@pytest.mark.parametrize("seed", range(24))
def test_the_path_is_a_path_and_the_cheapest(seed):
    rng = np.random.default_rng(seed)
    n, m = rng.integers(1, 30, size=2)
    a, b = rng.normal(size=(n, 3)), rng.normal(size=(m, 3))
    rows, columns = align(a, b)
    assert (rows[0], columns[0], rows[-1], columns[-1]) == (0, 0, n - 1, m - 1)
    steps = set(zip(np.diff(rows).tolist(), np.diff(columns).tolist(), strict=True))
    assert steps <= {(1, 1), (1, 0), (0, 1)}
    cost = np.linalg.norm(a[rows] - b[columns], axis=1).sum()
    assert cost == pytest.approx(_least_sum(a, b), rel=1e-9)


def test_equal_sequences_are_aligned_straight():
    a = np.zeros((7, 2))
    rows, columns = align(a, a)
    assert rows.tolist() == columns.tolist() == list(range(7))


@pytest.mark.parametrize(
    ("a", "b", "message"),
    [
        (np.zeros((0, 2)), np.zeros((3, 2)), r"received \(0, 2\) and \(3, 2\)"),
        (np.zeros((3, 2)), np.zeros((3, 4)), r"received \(3, 2\) and \(3, 4\)"),
        (np.zeros(3), np.zeros(3), r"received \(3,\) and \(3,\)"),
    ],
)
def test_what_cannot_be_aligned_is_named(a, b, message):
    with pytest.raises(ValueError, match=message):
        align(a, b)
