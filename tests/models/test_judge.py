"""The judge that comes with the course, on the bundled test voices and on sounds without a digit."""

from __future__ import annotations

import json

import numpy as np
import pytest

from course_lib.evaluation.judgement import agreement
from course_lib.models.judge import SHIPPED, Judge, prepared
from course_lib.models.judge_network import judge_network


@pytest.fixture(scope="module")
def judge() -> Judge:
    return Judge.shipped()


@pytest.fixture(scope="module")
def voices():
    """100 clips of the ten bundled voices that no part of the judge was trained on."""
    from course_lib.data import catalog, splits

    _, test = splits.split(catalog.load("digits"))
    return test.select(np.arange(len(test))[::3])


def test_it_knows_voices_that_it_has_not_heard(judge, voices):
    result = agreement(voices.label, judge.probabilities(voices.y), classes=judge.classes)
    assert result["agreement"] >= 0.93
    assert min(row["agreement"] for row in result["by_class"].values()) >= 0.6


def test_shapes_and_sums(judge, voices):
    features, probabilities = judge.listen(voices.y[:5])
    assert features.shape == (5, 64)
    assert probabilities.shape == (5, 10)
    assert features.dtype == probabilities.dtype == np.float32
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)
    np.testing.assert_array_equal(judge.features(voices.y[:5]), features)
    np.testing.assert_allclose(judge.probabilities(voices.y[3:4])[0], probabilities[3], atol=1e-5)
    assert judge.probabilities(voices.y[:0]).shape == (0, 10)
    assert judge.features(voices.y[:0]).shape == (0, 64)


def test_level_offset_and_place_do_not_matter(judge, voices):
    y = voices.y[:20]
    expected = judge.probabilities(y)
    late = np.roll(y, 400, axis=1)
    late[:, :400] = 0
    fits = np.array([not np.any(clip[-400:]) for clip in y])
    assert fits.sum() > 10
    for raw in (0.03 * y, y + 0.01, 0.2 * late):
        assert np.abs(judge.probabilities(raw[fits].astype(np.float32)) - expected[fits]).max() < 0.1


def test_it_is_not_sure_where_nobody_speaks(judge):
    rng = np.random.default_rng(7)
    silence = np.zeros((2, 8192), np.float32)
    noise = (0.1 * rng.standard_normal((40, 8192))).astype(np.float32)
    assert judge.probabilities(silence).max() < 0.3
    assert judge.probabilities(noise).max(axis=1).mean() < 0.35


def test_the_card_has_what_was_measured(judge):
    measured = judge.card["measured"]
    assert measured["official_test"]["agreement"] >= 0.98
    assert measured["official_test"]["clips"] == 300
    assert sorted(measured["held_out_speakers"]) == [
        "george",
        "jackson",
        "lucas",
        "nicolas",
        "theo",
        "yweweler",
    ]
    assert judge.network.count_params() == judge.card["parameters"] < 400_000
    assert sum(path.stat().st_size for path in SHIPPED.glob("judge.*")) < 1.5e6


def test_changed_weights_are_refused(tmp_path):
    for name in ("judge.json", "judge.npz"):
        (tmp_path / name).write_bytes((SHIPPED / name).read_bytes())
    data = bytearray((SHIPPED / "judge.npz").read_bytes())
    data[5_000] ^= 1
    (tmp_path / "judge.npz").write_bytes(bytes(data))
    with pytest.raises(ValueError, match="another SHA-256"):
        Judge.load(tmp_path)


def test_the_kept_file_is_the_one_that_was_measured():
    card = json.loads((SHIPPED / "judge.json").read_text(encoding="utf-8"))
    with np.load(SHIPPED / "judge.npz", allow_pickle=False) as arrays:
        assert {arrays[name].dtype for name in arrays.files} == {np.dtype(np.float16)}
        assert sum(arrays[name].size for name in arrays.files) == card["parameters"]


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (np.zeros(8192, np.float32), r"shape \(clips, 8192\)"),
        (np.zeros((2, 8000), np.float32), r"received float32 \(2, 8000\)"),
        (np.zeros((2, 8192), np.int16), "received int16"),
        (np.full((1, 8192), np.nan, np.float32), "has diverged"),
    ],
)
def test_what_cannot_be_heard(y, message):
    with pytest.raises(ValueError, match=message):
        prepared(y)


def test_parts_that_do_not_fit(judge):
    with pytest.raises(ValueError, match="and 4 logits"):
        Judge(judge.network, judge.representation, classes=range(4))
    with pytest.raises(ValueError, match="temperature must be above 0"):
        Judge(judge.network, judge.representation, temperature=0)
    with pytest.raises(ValueError, match="classes must be at least 2"):
        judge_network((16, 8), 1)
