"""The scoreboard of generators whose faults are known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import softmax

from course_lib.evaluation import generation
from course_lib.evaluation.generation.splitting import equal_parts

CLASSES, SIZE = 6, 8


def _world(clips: int, seed: int, *, chosen=range(CLASSES), spread: float = 1.0):
    """(probabilities, features, class) of clips about one centre a class, judged by their distance."""
    rng = np.random.default_rng([seed, clips])
    centres = 5 * np.eye(CLASSES, SIZE)
    label = rng.choice(list(chosen), clips)
    features = centres[label] + spread * rng.normal(size=(clips, SIZE))
    distance = np.square(features[:, None] - centres).sum(axis=-1)
    return softmax(-distance / 6, axis=1), features, label


REAL = _world(600, 0)
TRAIN, HELD_OUT = _world(500, 1)[1], _world(200, 2)[1]
FAST = {"splits": 2, "resamples": 40, "bins": 20}


def _score(made, **settings):
    return generation.evaluate(*REAL[:2], *made[:2], **(FAST | settings))


@pytest.fixture(scope="module")
def good():
    made = _world(400, 3)
    return _score(made, asked=made[2], real_labels=REAL[2], train_features=TRAIN, held_out_features=HELD_OUT)


def test_a_perfect_generator_is_at_the_ceiling(good):
    row, best = good["rows"]["model"], good["rows"]["real"]
    for metric in ("is", "mis", "am", "frechet", "ndb", "precision", "recall", "coverage", "agreement"):
        assert row[f"{metric}_share"] == pytest.approx(1, abs=0.2), metric
    for metric in ("is", "am", "ndb", "precision", "recall", "coverage"):
        assert row[metric] == pytest.approx(best[metric], abs=0.15), metric
        assert row[f"{metric}_low"] <= row[metric] <= row[f"{metric}_high"], metric
    assert row["is_to_real"] == pytest.approx(1, abs=0.05)
    assert 0.5 < row["frechet_to_real"] < 2
    assert row["frechet_low"] < best["frechet"] < row["frechet_high"]
    assert row["density"] == pytest.approx(1, abs=0.15)
    assert row["nearest_to_real"] == pytest.approx(1, abs=0.1)
    assert row["nearer"] == pytest.approx(0.5, abs=0.1)
    assert (row["copies"], row["missing_classes"]) == (0, 0)


def test_floors_are_the_mean_clip_and_shuffled_clips(good):
    mean, shuffled, real = (good["rows"][name] for name in ("mean", "shuffled", "real"))
    assert (mean["is"], mean["mis"]) == pytest.approx((1, 1))
    assert mean["am"] == pytest.approx(np.log(CLASSES), abs=0.05)
    # The whole variance of real clips, and nothing for the mean.
    assert mean["frechet"] == pytest.approx(REAL[1].var(axis=0).sum(), rel=0.05)
    assert (mean["recall"], mean["missing_classes"]) == (0, CLASSES - 1)
    assert mean["coverage"] < 0.2
    assert shuffled["agreement"] == pytest.approx(1 / CLASSES, abs=0.02)
    assert shuffled["precision"] < 0.6 * real["precision"]
    for floor, metrics in (
        (mean, ("is", "mis", "am", "frechet", "ndb", "recall", "coverage")),
        (shuffled, ("precision", "density", "agreement")),
    ):
        for metric in metrics:
            assert floor[f"{metric}_share"] == 0, metric
            assert real[f"{metric}_share"] == 1, metric
            assert floor[f"{metric}_low"] is None, metric


def test_what_it_was_run_with(good):
    assert list(good["rows"]) == ["model", "real", "shuffled", "mean"]
    assert good["settings"]["clips"] == 300
    assert good["judgement"]["confusion"].sum() == 400
    assert good["judgement"]["agreement"] == good["rows"]["model"]["agreement"]
    assert "400 generated against 600 real" in good["protocol"]
    assert "300 at a time" in good["protocol"]
    keys = [set(row) for row in good["rows"].values()]
    assert all(names == keys[0] for names in keys)


def test_mode_collapse_shows_in_every_score_of_variety(good):
    made = _world(400, 4, chosen=range(2))
    row, fine = _score(made)["rows"]["model"], good["rows"]["model"]
    assert row["missing_classes"] == 4
    assert row["recall"] < 0.6 * fine["recall"]
    assert row["coverage"] < 0.5 * fine["coverage"]
    assert row["ndb"] > 0.6 > 0.3 > fine["ndb"]
    assert row["is_to_real"] < 0.5
    assert row["am"] > fine["am"] + 0.5
    assert row["frechet_to_real"] > 20
    # What is made is good nevertheless.
    assert row["precision"] > 0.9 * fine["precision"]


def test_blurred_clips_show_in_every_score_of_quality(good):
    made = _world(400, 5, spread=2.5)
    row, fine = _score(made, asked=made[2])["rows"]["model"], good["rows"]["model"]
    assert row["precision"] < 0.5 * fine["precision"]
    assert row["density"] < 0.5 * fine["density"]
    assert row["agreement"] < fine["agreement"] - 0.2
    assert row["is_share"] < 0.8
    assert row["frechet_share"] < fine["frechet_share"]


def test_one_clip_a_class_takes_the_inception_score_but_not_recall():
    """The best of inception scores, by six clips learnt by heart."""
    p, features, label = _world(400, 6)
    first = np.array([np.flatnonzero((label == c) & (p.max(axis=1) > 0.9))[0] for c in range(CLASSES)])
    again = first[np.arange(400) % CLASSES]
    row = _score((p[again], features[again]), train_features=features, held_out_features=HELD_OUT)["rows"]
    assert row["model"]["is_to_real"] > 1
    assert row["model"]["mis_within"] == pytest.approx(1)
    assert row["model"]["recall"] < 0.2
    assert row["model"]["copies"] == 1
    assert row["model"]["nearest_to_real"] == 0
    assert row["model"]["frechet_to_real"] > 3


def test_asking_otherwise_than_is_heard_is_no_agreement():
    made = _world(400, 7)
    wrong = (made[2] + 1) % CLASSES
    result = _score(made, asked=wrong)
    assert result["rows"]["model"]["agreement"] < 0.1
    assert result["rows"]["real"]["agreement"] is None
    assert result["rows"]["model"]["agreement_share"] is None
    assert result["judgement"]["confusion"].trace() < 40


def test_noise_is_another_floor_and_rows_are_told():
    rng = np.random.default_rng(8)
    noise = softmax(rng.normal(size=(350, CLASSES)), axis=1), rng.normal(20, 1, size=(350, SIZE))
    seen = []
    rows = _score(_world(400, 3), noise=noise, on_row=seen.append)["rows"]
    assert list(rows) == seen == ["model", "real", "noise", "shuffled", "mean"]
    assert rows["noise"]["precision"] == rows["noise"]["coverage"] == 0
    assert rows["noise"]["frechet_share"] < 0
    assert rows["model"]["nearest"] is None


def test_repeats_with_its_seed():
    made = _world(400, 3)
    assert _score(made)["rows"] == _score(made)["rows"]
    assert _score(made)["rows"]["model"]["frechet"] != _score(made, seed=1)["rows"]["model"]["frechet"]


def test_intervals_hold_what_other_samples_give():
    """Ten perfect generators of ten worlds: their intervals hold the mean of all, most of the time."""
    rows = []
    for i in range(10):
        real, made = _world(300, 50 + i), _world(150, 80 + i)
        result = generation.evaluate(*real[:2], *made[:2], splits=1, resamples=40, bins=10)
        rows.append(result["rows"]["model"])
    for metric in ("is", "mis", "am", "frechet", "ndb", "precision", "recall", "density", "coverage"):
        mean = np.mean([row[metric] for row in rows])
        held = [row[f"{metric}_low"] <= mean <= row[f"{metric}_high"] for row in rows]
        assert np.mean(held) >= 0.7, metric


def test_parts_are_equal_disjoint_and_the_same_for_everybody():
    for made in (40, 500):
        parts = list(equal_parts(101, made, splits=3, seed=4))
        for one, other, fake in parts:
            assert len(one) == len(other) == len(fake) == min(50, made)
            assert not set(one) & set(other)
            assert fake.max() < made
    one = [part[0] for part in equal_parts(101, 500, splits=3, seed=4)]
    assert all(
        np.array_equal(a, b[0]) for a, b in zip(one, equal_parts(101, 77, splits=3, seed=4), strict=True)
    )
    with pytest.raises(ValueError, match="received 1, 1 and 9"):
        list(equal_parts(1, 9, splits=1, seed=0))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"fake_features": REAL[1][:40, :6]}, "generated probabilities and features must be of the same"),
        ({"fake_features": REAL[1][:50, :6]}, "one judge's classes and features.*'model': 6, 'real': 8"),
        ({"fake_probabilities": np.ones((50, CLASSES))}, "generated probabilities must be 0 or more and sum"),
        ({"real_features": REAL[1][:600] * np.nan}, "real features of 600 clips hold NaN"),
        ({"train_features": TRAIN}, "both training and held-out features, or neither"),
        ({"asked": np.zeros(3, int)}, r"received \(50, 6\) and \(3,\)"),
    ],
)
def test_what_cannot_be_scored(change, message):
    arguments = {
        "real_probabilities": REAL[0],
        "real_features": REAL[1],
        "fake_probabilities": REAL[0][:50],
        "fake_features": REAL[1][:50],
    }
    with pytest.raises(ValueError, match=message):
        generation.evaluate(**(arguments | change), **FAST)


def test_too_few_clips_are_named():
    with pytest.raises(
        ValueError, match=r"20 real clips and 10 of the others; received \{'model': 9, 'real': 600\}"
    ):
        _score((REAL[0][:9], REAL[1][:9]))
    with pytest.raises(ValueError, match="at most 64 features"):
        generation.evaluate(REAL[0], np.zeros((600, 65)), REAL[0], np.zeros((600, 65)))
