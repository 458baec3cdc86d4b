"""Agreement with what was asked for, calibration and confusions, on probabilities with known answers."""

from __future__ import annotations

import numpy as np
import pytest

from course_lib.evaluation.intervals import wilson_interval
from course_lib.evaluation.judgement import agreement, calibration_error, most_confused


def _sure(chosen, *, classes: int = 10, confidence: float = 0.91) -> np.ndarray:
    rest = (1 - confidence) / (classes - 1)
    return np.where(np.eye(classes)[np.asarray(chosen)] > 0, confidence, rest)


def test_counts_shares_and_confusion():
    asked = np.array([0, 0, 0, 0, 7, 7, 9, 9, 9, 9])
    heard = np.array([0, 0, 0, 1, 7, 7, 5, 5, 9, 9])
    result = agreement(asked, _sure(heard))
    assert result["agreement"] == pytest.approx(0.7)
    assert (result["agreed"], result["clips"]) == (7, 10)
    assert (result["low"], result["high"]) == wilson_interval(7, 10)
    assert result["by_class"][0]["agreement"] == pytest.approx(0.75)
    assert result["by_class"][9] == {
        "agreement": 0.5,
        "low": wilson_interval(2, 4)[0],
        "high": wilson_interval(2, 4)[1],
        "clips": 4,
    }
    assert result["by_class"][3] is None
    assert result["confusion"][9, 5] == 2
    assert result["confusion"].sum() == 10
    assert result["confidence"] == pytest.approx(0.91)
    assert result["most_confused"] == "9 is most often mistaken: heard as 5 in 2 of 4 clips (50 %)"


def test_columns_may_stand_for_other_classes():
    result = agreement([5, 3], _sure([1, 1], classes=3), classes=[3, 5, 8])
    assert result["agreement"] == 0.5
    assert result["confusion"].tolist() == [[0, 1, 0], [0, 1, 0], [0, 0, 0]]
    assert list(result["by_class"]) == [3, 5, 8]
    assert "3 is most often mistaken: heard as 5 in 1 of 1" in result["most_confused"]


def test_a_rare_class_does_not_hide_behind_a_common_one():
    assert most_confused([[90, 10, 0], [0, 2, 2], [0, 0, 50]]).startswith("1 is most often mistaken")
    assert most_confused(np.eye(3, dtype=int)) == "every clip was heard as what was asked for"


@pytest.mark.parametrize(
    ("confidence", "right", "expected"), [(0.8, 80, 0.0), (0.8, 50, 0.3), (1.0, 90, 0.1)]
)
def test_calibration_error_is_the_gap(confidence, right, expected):
    asked, heard = np.zeros(100, int), np.r_[np.zeros(right, int), np.ones(100 - right, int)]
    error = calibration_error(asked, _sure(heard, confidence=confidence))
    assert error == pytest.approx(expected, abs=1e-9)


def test_calibration_error_does_not_cancel_between_levels_of_confidence():
    # Half the clips 20 % too modest, half 20 % too sure: on average right, never calibrated.
    low = _sure(np.r_[np.zeros(80, int), np.ones(20, int)], confidence=0.6)
    high = _sure(np.r_[np.zeros(75, int), np.ones(25, int)], confidence=0.95)
    asked = np.zeros(200, int)
    assert calibration_error(asked, np.r_[low, high]) == pytest.approx(0.2, abs=1e-9)
    assert calibration_error(asked, np.r_[low, high], bins=1) < 1e-9
    assert calibration_error([0], [[1.0, 0.0]]) == 0


@pytest.mark.parametrize(
    ("asked", "probabilities", "classes", "message"),
    [
        ([1, 2], _sure([1]), None, r"received \(1, 10\) and \(2,\)"),
        ([], np.zeros((0, 10)), None, "one asked class a clip"),
        ([1], [[4.0, -1.0, 2.0]], None, "give no logits"),
        ([1], [[np.nan, 0.5, 0.5]], None, "sum to 1"),
        ([11], _sure([1]), None, r"asked for \[11\], but the judge knows \[0, 1,"),
        ([1], _sure([1], classes=3), [1, 2], "expected 3 distinct classes"),
    ],
)
def test_what_cannot_be_judged(asked, probabilities, classes, message):
    with pytest.raises(ValueError, match=message):
        agreement(asked, probabilities, classes=classes)


def test_other_impossible_arguments():
    with pytest.raises(ValueError, match="square"):
        most_confused(np.zeros((2, 3)))
    with pytest.raises(ValueError, match="bins must be at least 1"):
        calibration_error([1], _sure([1]), bins=0)
