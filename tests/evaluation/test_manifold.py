"""Bins, precision and recall, density and coverage: written out, and where the answer is known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from scipy.stats import norm

from course_lib.evaluation.generation import density_coverage, ndb, neighbours, precision_recall
from course_lib.evaluation.generation.bins import different_share


def _normal(clips: int, seed: int, size: int = 8) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(clips, size))


def _clusters(clips: int, seed: int, chosen=range(10)) -> np.ndarray:
    """Clips around ten far corners, of which only some may be visited."""
    rng = np.random.default_rng(seed)
    return 10 * np.eye(10)[rng.choice(list(chosen), clips)] + 0.3 * rng.normal(size=(clips, 10))


def test_precision_and_recall_written_out():
    real, made = _normal(60, 0, 3), _normal(70, 1, 3) * 0.8 + 0.4

    def could_be_of(points, queries, k):
        radius = [sorted(np.sqrt(((point - other) ** 2).sum()) for other in points)[k] for point in points]
        found = [
            any(np.sqrt(((query - point) ** 2).sum()) <= r for point, r in zip(points, radius, strict=True))
            for query in queries
        ]
        return np.mean(found)

    for k in (1, 3):
        expected = could_be_of(real, made, k), could_be_of(made, real, k)
        assert precision_recall(real, made, k=k) == pytest.approx(expected)


def test_density_and_coverage_written_out():
    real, made = _normal(60, 2, 3), _normal(70, 3, 3) * 0.8 + 0.4
    distance = cdist(real, made)
    for k in (2, 5):
        radius = np.sort(cdist(real, real), axis=1)[:, k]
        density = sum(distance[i, j] <= radius[i] for i in range(60) for j in range(70)) / (k * 70)
        coverage = sum(any(distance[i] <= radius[i]) for i in range(60)) / 60
        assert density_coverage(real, made, k=k) == pytest.approx((density, coverage))


def test_the_same_clips_score_one_and_disjoint_ones_zero():
    real = _normal(300, 4)
    assert precision_recall(real, real) == (1, 1)
    assert density_coverage(real, real)[1] == 1
    assert precision_recall(real, real + 100) == (0, 0)
    assert density_coverage(real, real + 100) == (0, 0)


def test_clips_that_occur_often_are_still_their_own_neighbours():
    real = np.repeat(_normal(20, 5), 6, axis=0) * 1e3 + 1e5
    assert precision_recall(real, real[::-1]) == (1, 1)
    assert density_coverage(real, real[::6])[1] == 1


@pytest.mark.parametrize(("k", "clips", "made"), [(1, 200, 200), (5, 200, 200), (5, 200, 80)])
def test_expected_coverage_and_density_of_equal_distributions(k, clips, made):
    """Naeem et al.: coverage is 1 - (N - 1)...(N - k) / (M + N - 1)...(M + N - k), density 1."""
    scores = np.mean(
        [density_coverage(_normal(clips, seed), _normal(made, 99 + seed), k=k) for seed in range(60)], axis=0
    )
    steps = np.arange(1, k + 1)
    expected = 1 - np.prod((clips - steps) / (made + clips - steps))
    assert scores[1] == pytest.approx(expected, abs=0.015)
    assert scores[0] == pytest.approx(1, abs=0.05)


def test_mode_collapse_lowers_recall_and_coverage_and_raises_bins():
    real, whole, half = _clusters(600, 0), _clusters(600, 1), _clusters(600, 2, chosen=range(5))
    assert min(precision_recall(real, whole)) > 0.78
    precision, recall = precision_recall(real, half)
    assert precision > 0.78
    assert recall < 0.6 * precision_recall(real, whole)[1]
    assert density_coverage(real, half)[1] == pytest.approx(0.5, abs=0.06)
    assert ndb(real, whole, bins=20) < 0.2
    assert ndb(real, half, bins=20) > 0.8


def test_invention_lowers_precision_alone():
    real, made = _clusters(400, 3), np.concatenate([_clusters(300, 4), 30 + _clusters(100, 5)])
    precision, recall = precision_recall(real, made)
    assert precision == pytest.approx(0.75 * precision_recall(real, made[:300])[0], abs=1e-9)
    assert recall > 0.78


def test_bins_of_equal_distributions_differ_as_often_as_the_test_errs():
    shares = [ndb(_normal(1000, 2 * i, 4), _normal(1000, 2 * i + 1, 4), bins=40) for i in range(12)]
    assert 0.01 < np.mean(shares) < 0.11


def test_two_proportions_written_out():
    real_bin = np.repeat([0, 1, 2, 3], [50, 30, 20, 0])
    made_bin = np.repeat([0, 1, 2, 3], [40, 70, 80, 10])
    different = 0
    for b in range(5):
        p1, p2 = np.mean(real_bin == b), np.mean(made_bin == b)
        p = (100 * p1 + 200 * p2) / 300
        if 0 < p < 1:
            z = (p1 - p2) / np.sqrt(p * (1 - p) * (1 / 100 + 1 / 200))
            different += 2 * norm.cdf(-abs(z)) < 0.05
    assert different_share(real_bin, made_bin, bins=5) == different / 5 == 3 / 5
    assert different_share(real_bin, real_bin, bins=5) == 0


def test_neighbours_in_blocks_are_those_of_the_whole_table(monkeypatch):
    queries, points = _normal(57, 6), _normal(43, 7) + 1000
    expected = cdist(queries + 1000, points)
    monkeypatch.setattr(neighbours, "BLOCK_BYTES", 8 * 43 * 5)
    blocks = list(neighbours.squared_distances(queries + 1000, points))
    assert len(blocks) == 12
    np.testing.assert_allclose(np.concatenate([b for _, b in blocks]), expected**2, rtol=1e-8)
    distance, index = neighbours.nearest(queries + 1000, points)
    np.testing.assert_array_equal(index, expected.argmin(axis=1))
    np.testing.assert_allclose(distance, expected.min(axis=1))
    own = np.sort(cdist(points, points), axis=1)[:, 4]
    np.testing.assert_allclose(np.sqrt(neighbours.squared_radii(points, 4)), own, rtol=1e-8)


def test_many_clips_need_little_memory():
    """4,000 against 4,000: the whole table would be 128 MB, a block is 32."""
    import tracemalloc

    real, made = _normal(4000, 8, 16), _normal(4000, 9, 16)
    tracemalloc.start()
    precision_recall(real, made)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100e6


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: precision_recall(_normal(50, 0), _normal(3, 1)), "between 1 and 2 for 3 clips; received 3"),
        (lambda: density_coverage(_normal(50, 0), _normal(50, 1), k=0), "between 1 and 49"),
        (lambda: ndb(_normal(249, 0), _normal(249, 1)), "50 bins take 250 real clips.*at most 49 bins"),
        (lambda: ndb(np.ones((100, 3)), _normal(9, 1, 3), bins=2), "only 1 of the real clips differ"),
        (lambda: ndb(_normal(99, 0), _normal(99, 1), bins=1), "two bins at least"),
    ],
)
def test_too_few_clips(call, message):
    with pytest.raises(ValueError, match=message):
        call()
