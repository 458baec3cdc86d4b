"""The scoreboard of filled gaps: from silence to the true magnitudes, and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest

from course_lib.data import catalog
from course_lib.evaluation import inpainting
from course_lib.evaluation.spectral import log_spectral_distance
from course_lib.evaluation.strings import concatenate

OPTIONS = {"sr": 8000, "gap_seconds": 0.04}


@pytest.fixture(scope="module")
def sounds():
    clips = catalog.load("digits").select(np.arange(0, 60, 4))
    return concatenate(clips.y, clips.length, per_string=7)


@pytest.fixture(scope="module")
def result(sounds):
    wholes = iter(sounds)
    return inpainting.evaluate(lambda y, missing: next(wholes), sounds, **OPTIONS)


def test_rows_lie_between_silence_and_the_true_magnitudes(result):
    rows = result["rows"]
    assert list(rows) == ["silence", "repetition", "interpolation", "model", "true_magnitudes"]
    order = [rows[name]["gap_lsd"] for name in ("silence", "interpolation", "true_magnitudes", "model")]
    assert order == sorted(order, reverse=True)
    # This model knew the whole sounds.
    assert rows["model"]["gap_lsd"] == 0
    assert rows["silence"]["stoi"] < rows["interpolation"]["stoi"] < rows["true_magnitudes"]["stoi"]
    assert rows["silence"]["stoi_share"] == 0
    assert rows["true_magnitudes"]["stoi_share"] == pytest.approx(1)
    assert rows["true_magnitudes"]["si_sdr"] > rows["silence"]["si_sdr"] + 2
    assert "packets of 40 ms" in result["protocol"]


def test_the_same_gaps_every_time(sounds, result):
    again = inpainting.evaluate(None, sounds, **OPTIONS)
    assert "model" not in again["rows"]
    assert again["rows"]["silence"] == result["rows"]["silence"]
    other = inpainting.evaluate(None, sounds, **OPTIONS, seed=1)
    assert other["rows"]["silence"]["gap_lsd"] != result["rows"]["silence"]["gap_lsd"]


def test_a_distance_in_the_gaps_is_the_distance_where_everything_is_missing(sounds):
    y = sounds[0][:8192]
    estimate = 0.5 * y + 0.01 * np.random.default_rng(0).standard_normal(8192).astype(np.float32)
    everywhere = inpainting.gap_distance(y, estimate, np.ones(8192, bool))
    assert everywhere == pytest.approx(log_spectral_distance(y, estimate), rel=0.01)
    some = np.zeros(8192, bool)
    some[2000:2400] = True
    changed = np.where(some, estimate, y)
    assert inpainting.gap_distance(y, changed, some) > 3 * log_spectral_distance(y, changed)
    with pytest.raises(ValueError, match="no gap is long enough"):
        inpainting.gap_distance(y, y, np.zeros(8192, bool))


def test_repetition_goes_on_with_the_last_packet():
    y = np.arange(1, 21, dtype=np.float32)
    missing = np.zeros(20, bool)
    missing[[0, 1, 8, 9, 10, 11, 12]] = True
    made = inpainting.repetition(y, missing, samples=3)
    np.testing.assert_array_equal(made[:2], 0)
    np.testing.assert_array_equal(made[8:13], [6, 7, 8, 6, 7])
    np.testing.assert_array_equal(made[~missing], y[~missing])


def test_models_that_cheat_or_fail_are_named(sounds):
    for inpaint, message in (
        (lambda y, missing: y[:-1], "model returned shape"),
        (lambda y, missing: y * np.nan, "the training has diverged"),
        (lambda y, missing: y + 0.1, "model has changed samples that were not missing"),
    ):
        with pytest.raises(ValueError, match=message):
            inpainting.evaluate(inpaint, sounds[:1], **OPTIONS)
    with pytest.raises(ValueError, match="expected sounds to score; received none"):
        inpainting.evaluate(None, [], **OPTIONS)
