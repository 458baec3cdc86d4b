"""The scoreboard of separation: who listens to the condition, who does not, and the oracles above both."""

from __future__ import annotations

import json

import numpy as np
import pytest

from course_lib.evaluation import separation
from course_lib.evaluation.masks import MASKS
from course_lib.evaluation.signal import si_sdr


def _mixtures(count: int, *, aligned: bool = False):
    from course_lib.data import catalog, splits
    from course_lib.data.mixtures import random_mixtures

    _, test = splits.split(catalog.load("digits"))
    rng = np.random.default_rng(5)
    return random_mixtures(test, count, rng=rng, snr_db=(0.0, 0.0), aligned=aligned)


@pytest.fixture(scope="module")
def mixtures():
    """Six that begin together and six moved apart."""
    from dataclasses import fields, replace

    together, apart = _mixtures(6, aligned=True), _mixtures(6)
    return replace(
        together,
        **{
            field.name: np.concatenate([getattr(together, field.name), getattr(apart, field.name)])
            for field in fields(together)
            if isinstance(getattr(together, field.name), np.ndarray)
        },
    )


def _listening(mixtures):
    """A model that knows the sources: the voice of the digit asked for, else the mixture."""

    def separate(y, condition):
        made = y.copy()
        for row, digit in enumerate(condition):
            for source in np.flatnonzero(mixtures.label[row] == digit):
                # A tenth of the mixture stays, so that no score is perfect.
                made[row] = mixtures.sources[row, source] + 0.1 * y[row]
        return made

    return separate


@pytest.fixture(scope="module")
def board(mixtures):
    seen = []
    return separation.evaluate(_listening(mixtures), mixtures, on_row=seen.append), seen


def test_rows_from_the_floor_to_the_ceiling(board):
    result, seen = board
    oracles = [f"{name}_{size}" for size in ("256_64", "512_128") for name in MASKS]
    assert list(result["rows"]) == ["mixture", "shuffled_conditions", "wrong_condition", "model", *oracles]
    assert seen == list(result["rows"])
    json.dumps(result, allow_nan=False)
    assert result["rows"]["mixture"]["si_sdr_improvement"] == 0
    assert result["rows"]["mixture"]["si_sdr_improvement_share"] == 0
    assert result["settings"]["ceiling"] == "phase_sensitive_512_128"
    assert result["rows"]["phase_sensitive_512_128"]["si_sdr_improvement_share"] == 1


def test_a_row_is_computed_as_stated(board, mixtures):
    made = _listening(mixtures)(mixtures.mixture, mixtures.label[:, 0])
    target = mixtures.sources[:, 0]
    gains = np.array(
        [si_sdr(t, e) - si_sdr(t, y) for t, e, y in zip(target, made, mixtures.mixture, strict=True)]
    )
    row = board[0]["rows"]["model"]
    assert row["si_sdr_improvement"] == pytest.approx(gains.mean())
    assert row["si_sdr_improvement_se"] == pytest.approx(gains.std(ddof=1) / np.sqrt(12))
    assert row["together"]["si_sdr_improvement"] == pytest.approx(gains[:6].mean())
    assert row["apart"]["si_sdr_improvement"] == pytest.approx(gains[6:].mean())
    who = mixtures.speaker[0, 0]
    own = gains[mixtures.speaker[:, 0] == who]
    assert row["by_speaker"][who]["si_sdr_improvement"] == pytest.approx(own.mean())
    assert board[0]["settings"]["by_speaker"][who] == len(own)


def test_who_listens_is_told_from_who_does_not(board, mixtures):
    rows = board[0]["rows"]
    asked, wrong, shuffled = (
        rows[name]["si_sdr_improvement"] for name in ("model", "wrong_condition", "shuffled_conditions")
    )
    assert asked > 15
    assert wrong < -15
    assert wrong < shuffled < asked - 5
    deaf = separation.evaluate(lambda y, condition: np.tanh(y), mixtures)["rows"]
    assert deaf["model"] == deaf["wrong_condition"] == deaf["shuffled_conditions"]


def test_words_that_do_not_overlap_do_not_outweigh_the_rest(board, mixtures):
    perfect = separation.evaluate(
        lambda y, condition: mixtures.sources[:, 0] if (condition == mixtures.label[:, 0]).all() else y,
        mixtures,
    )
    floor = [si_sdr(*pair) for pair in zip(mixtures.sources[:, 0], mixtures.mixture, strict=True)]
    row = perfect["rows"]["model"]
    assert row["si_sdr_improvement"] == pytest.approx(np.mean(30 - np.array(floor)))
    for name, row in board[0]["rows"].items():
        if name.startswith("phase_sensitive"):
            assert row["together"]["si_sdr_improvement"] < row["apart"]["si_sdr_improvement"] <= 32
    # Overlapping words: the order of theory, at both sizes.
    for size in ("256_64", "512_128"):
        gains = [board[0]["rows"][f"{name}_{size}"]["together"]["si_sdr_improvement"] for name in MASKS]
        assert gains == sorted(gains)


def test_other_sizes_and_no_model():
    mixtures = _mixtures(2, aligned=True)
    result = separation.evaluate(None, mixtures, n_fft=400, hop_length=100)
    assert "model" not in result["rows"]
    assert result["settings"]["ceiling"] == "phase_sensitive_400_100"
    assert result["rows"]["phase_sensitive_400_100"]["si_sdr_improvement_share"] == 1
    assert result["rows"]["mixture"]["apart"] is None
    assert "2 mixtures of two digits" in result["protocol"]


def test_conditions_are_dealt_by_the_seed(mixtures):
    asked = []

    def separate(y, condition):
        asked.append(condition.copy())
        return y

    for seed in (0, 0, 1):
        separation.evaluate(separate, mixtures, seed=seed)
    shuffled, wrong, right = asked[0], asked[1], asked[2]
    assert np.array_equal(right, mixtures.label[:, 0])
    assert np.array_equal(wrong, mixtures.label[:, 1])
    assert sorted(shuffled) == sorted(right)
    assert not np.array_equal(shuffled, right)
    assert np.array_equal(asked[3], shuffled)
    assert not np.array_equal(asked[6], shuffled)


def test_what_cannot_be_scored(mixtures):
    with pytest.raises(ValueError, match=r"shuffled_conditions returned shape \(12, 5\)"):
        separation.evaluate(lambda y, condition: y[:, :5], mixtures)
    with pytest.raises(ValueError, match="returned NaN or infinite samples: the training has diverged"):
        separation.evaluate(lambda y, condition: y * np.nan, mixtures)
    with pytest.raises(ValueError, match="at least one mixture; received none"):
        separation.evaluate(None, [])
