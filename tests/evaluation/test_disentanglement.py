"""The mutual information gap, where each latent's knowledge is known."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import mutual_info_score

from course_lib.evaluation.latent import mutual_information_gap

INSTRUMENT, PITCH = (np.repeat(np.arange(5), 240), np.tile(np.repeat(np.arange(12), 20), 5))


def _noise(seed: int, *size: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=size or len(PITCH))


def test_a_latent_for_each_cause_scores_one():
    """Twelve and five levels need bins fine enough to keep them apart: sixty."""
    z = np.stack([PITCH + 0.0, np.ones(1200), -3.0 * INSTRUMENT], axis=1)
    result = mutual_information_gap(z, {"pitch": PITCH, "instrument": INSTRUMENT}, bins=60)
    assert result["gap"] == pytest.approx(1, abs=1e-9)
    assert result["factors"]["pitch"]["latent"] == 0
    assert result["factors"]["instrument"]["latent"] == 2
    assert result["factors"]["pitch"]["entropy"] == pytest.approx(np.log(12))
    assert result["factors"]["instrument"]["information"][2] == pytest.approx(np.log(5))
    assert result["factors"]["pitch"]["information"][1] == 0


def test_two_that_know_the_same_score_nothing():
    z = np.stack([PITCH, PITCH, _noise(0)], axis=1)
    pitch = mutual_information_gap(z, {"pitch": PITCH})["factors"]["pitch"]
    assert pitch["gap"] == 0
    assert pitch["information"][0] > 2


def test_noise_knows_nothing_and_chance_says_how_little_that_is():
    result = mutual_information_gap(_noise(1, 1200, 8), {"pitch": PITCH, "instrument": INSTRUMENT})
    assert result["gap"] < 0.03
    assert abs(result["gap"] - result["chance"]) < 0.03
    # The information itself is too high by (bins - 1) (values - 1) / 2 n.
    bias = 19 * 11 / 2400
    found = result["factors"]["pitch"]["information"].mean()
    assert found == pytest.approx(bias, rel=0.15)


def test_information_is_scikit_learns():
    z = np.stack([PITCH + _noise(2), INSTRUMENT + 2 * _noise(3), PITCH - INSTRUMENT + _noise(4)], axis=1)
    result = mutual_information_gap(z, {"pitch": PITCH})
    for latent in range(3):
        edges = np.quantile(z[:, latent], np.linspace(0, 1, 21)[1:-1], method="higher")
        expected = mutual_info_score(np.searchsorted(edges, z[:, latent], side="right"), PITCH)
        assert result["factors"]["pitch"]["information"][latent] == pytest.approx(expected, abs=2e-2)


def test_a_gap_that_can_be_computed_by_hand():
    """Latent 0 tells pairs of the four values apart (log 2 of log 4), latent 1 nothing: the gap is a half."""
    value = np.tile(np.arange(4), 100)
    z = np.stack([value // 2, np.repeat([0, 1], 200)], axis=1).astype(float)
    result = mutual_information_gap(z, {"note": value}, bins=4)
    assert result["gap"] == pytest.approx(0.5, abs=1e-12)


def test_stretching_an_axis_changes_nothing():
    z = np.stack([PITCH + _noise(5), INSTRUMENT + _noise(6)], axis=1)
    bent = np.stack([np.exp(3 * z[:, 0]), 5 - z[:, 1] ** 3], axis=1)
    factors = {"pitch": PITCH, "instrument": INSTRUMENT}
    # Turned around, the bins' ends fall between other clips: hence not equal to the last digit.
    assert mutual_information_gap(bent, factors)["gap"] == pytest.approx(
        mutual_information_gap(z, factors)["gap"], abs=5e-3
    )


def test_interval_encloses_the_gap_and_names_may_be_words():
    z = np.stack([PITCH + 2 * _noise(7), INSTRUMENT + 0.5 * _noise(8)], axis=1)
    names = np.array(["bell", "bowed", "flute", "organ", "pluck"])[INSTRUMENT]
    result = mutual_information_gap(z, {"instrument": names, "pitch": PITCH}, seed=1)
    assert result["low"] < result["gap"] < result["high"]
    assert result["gap"] == pytest.approx(np.mean([one["gap"] for one in result["factors"].values()]))
    numbered = mutual_information_gap(z, {"instrument": INSTRUMENT, "pitch": PITCH}, seed=1)
    assert numbered["factors"]["instrument"]["gap"] == result["factors"]["instrument"]["gap"]
    half = mutual_information_gap(z[::4], {"instrument": names[::4]}, seed=1)["factors"]["instrument"]
    whole = result["factors"]["instrument"]
    assert half["high"] - half["low"] > 1.5 * (whole["high"] - whole["low"])


@pytest.mark.parametrize(
    ("z", "factors", "settings", "message"),
    [
        (np.zeros((9, 1)), {"a": np.arange(9)}, {}, r"latent_dim >= 2\); received \(9, 1\)"),
        (np.full((30, 2), np.nan), {"a": np.arange(30)}, {}, "NaN or infinite"),
        (np.zeros((9, 2)), {"a": np.arange(9)}, {}, "between 2 and the number of clips, 9; received 20"),
        (np.zeros((30, 2)), {}, {}, "one factor or more"),
        (np.zeros((30, 2)), {"pitch": np.arange(29)}, {}, r"30 values of pitch, .* received shape \(29,\)"),
        (np.zeros((30, 2)), {"pitch": np.linspace(0, 1, 30)}, {}, "pitch must be discrete"),
        (np.zeros((30, 2)), {"pitch": np.ones(30, int)}, {}, "pitch is 1 in every clip"),
    ],
)
def test_what_has_no_gap(z, factors, settings, message):
    with pytest.raises(ValueError, match=message):
        mutual_information_gap(z, factors, **settings)
