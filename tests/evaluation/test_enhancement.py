"""The scoreboard of denoising: rows from floor to ceiling, groups by noise, shares, and what it refuses."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from course_lib.audio.restore import RESTORERS, wiener
from course_lib.evaluation import enhancement, scoring
from course_lib.evaluation.intelligibility import has_pesq, pesq_nb, stoi
from course_lib.evaluation.masks import MASKS
from course_lib.evaluation.signal import si_sdr


@pytest.fixture(scope="module")
def strings():
    """Two voices, each saying six digits under white noise and under babble."""
    from course_lib.data import catalog, splits
    from course_lib.data.noisy_strings import noisy_string

    _, test = splits.split(catalog.load("digits"))
    made = []
    for seed, who in enumerate(sorted(set(test.speaker.tolist()))[:2]):
        own = np.flatnonzero(test.speaker == who)
        members = [own[test.label[own] == digit][0] for digit in range(6)]
        made += [
            noisy_string(test, members, kind=kind, snr_db=0.0, seed=seed) for kind in ("gaussian", "babble")
        ]
    return made


@pytest.fixture(scope="module")
def board(strings):
    """A model that is the Wiener filter in disguise."""
    seen = []
    return enhancement.evaluate(wiener, strings, on_row=seen.append), seen


def test_rows_from_the_floor_to_the_ceiling(board):
    result, seen = board
    assert list(result["rows"]) == ["noisy", *RESTORERS, "model", *MASKS, "ceiling"]
    assert seen == list(result["rows"])
    json.dumps(result, allow_nan=False)
    for row in result["rows"].values():
        assert {"stoi", "stoi_se", "stoi_share", "pesq_nb", "si_sdr_improvement", "si_sdr_share"} <= set(row)


def test_a_row_is_computed_as_stated(board, strings):
    result, _ = board
    restored = [wiener(string.noisy) for string in strings]
    pairs = [(string.clean, made) for string, made in zip(strings, restored, strict=True)]
    row = result["rows"]["model"]
    assert row == result["rows"]["wiener"]
    intelligible = [stoi(*pair, sr=8000) for pair in pairs]
    assert row["stoi"] == pytest.approx(np.mean(intelligible))
    assert row["stoi_se"] == pytest.approx(np.std(intelligible, ddof=1) / 2)
    gains = [si_sdr(c, made) - si_sdr(c, s.noisy) for (c, made), s in zip(pairs, strings, strict=True)]
    assert row["si_sdr_improvement"] == pytest.approx(np.mean(gains))
    assert row["si_sdr_improvement_se"] == pytest.approx(np.std(gains, ddof=1) / 2)
    if has_pesq():
        assert row["pesq_nb"] == pytest.approx(np.mean([pesq_nb(*pair, sr=8000) for pair in pairs]))


def test_shares_lead_from_the_noisy_string_to_the_ceiling(board):
    rows = board[0]["rows"]
    for metric in ("stoi", "pesq_nb") if has_pesq() else ("stoi",):
        assert rows["noisy"][f"{metric}_share"] == 0
        assert rows["ceiling"][f"{metric}_share"] == 1
        low, high, value = (rows[name][metric] for name in ("noisy", "ceiling", "ideal_ratio"))
        assert rows["ideal_ratio"][f"{metric}_share"] == pytest.approx((value - low) / (high - low))
    assert rows["phase_sensitive"]["si_sdr_share"] == 1
    assert rows["ceiling"]["si_sdr_share"] is None
    assert rows["ceiling"]["stoi"] > 0.999


def test_theory_orders_the_rows(board):
    for group in board[0]["by_noise"]:
        rows = group["rows"]
        oracles = [rows[name]["si_sdr"] for name in MASKS]
        assert oracles == sorted(oracles)
        for name in RESTORERS:
            assert rows[name]["si_sdr"] < oracles[0]
    babble, white = (group["rows"] for group in board[0]["by_noise"])
    for name in RESTORERS:
        # A noise that looks like speech is where classical filters fail.
        assert white[name]["si_sdr_improvement"] > babble[name]["si_sdr_improvement"] + 3


def test_groups_average_to_the_whole(board):
    result = board[0]
    assert [(group["kind"], group["snr_db"], group["strings"]) for group in result["by_noise"]] == [
        ("babble", 0.0, 2),
        ("gaussian", 0.0, 2),
    ]
    for name, row in result["rows"].items():
        halves = [group["rows"][name]["stoi"] for group in result["by_noise"]]
        assert np.mean(halves) == pytest.approx(row["stoi"])


def test_the_protocol_states_what_was_done(board):
    assert "24 digits of 2 held-out speakers in 4 strings" in board[0]["protocol"]
    assert "gaussian, babble noise at 0 dB" in board[0]["protocol"]
    assert board[0]["settings"]["n_fft"] == 256


def test_without_a_model_and_of_one_string(strings, monkeypatch):
    monkeypatch.setattr(enhancement, "RESTORERS", {})
    result = enhancement.evaluate(None, strings[:1], n_fft=512, hop_length=128)
    assert list(result["rows"]) == ["noisy", *MASKS, "ceiling"]
    assert result["rows"]["noisy"]["stoi_se"] is None


def test_a_silent_model_has_no_score_at_infinity(strings, monkeypatch):
    monkeypatch.setattr(enhancement, "RESTORERS", {})
    result = enhancement.evaluate(np.zeros_like, strings[:1])
    row = result["rows"]["model"]
    for metric in ("pesq_nb", "si_sdr", "si_sdr_improvement", "si_sdr_share"):
        assert row[metric] is None
    assert row["stoi"] < 0.1
    json.dumps(result, allow_nan=False)


def test_what_cannot_be_scored(strings, monkeypatch):
    monkeypatch.setattr(enhancement, "RESTORERS", {})
    with pytest.raises(ValueError, match="one sampling rate; received none"):
        enhancement.evaluate(None, [])
    with pytest.raises(ValueError, match=r"one sampling rate; received \[8000, 16000\]"):
        enhancement.evaluate(None, [strings[0], replace(strings[1], sr=16000)])
    with pytest.raises(ValueError, match=r"model returned shape \(100,\) for a string"):
        enhancement.evaluate(lambda noisy: noisy[:100], strings[:1])
    with pytest.raises(ValueError, match="model returned NaN or infinite samples: the training has diverged"):
        enhancement.evaluate(lambda noisy: noisy * np.nan, strings[:1])


def test_more_processes_give_the_same_numbers(strings):
    clean, noisy = ([getattr(string, name) for string in strings[:3]] for name in ("clean", "noisy"))
    alone = scoring.score_speech(clean, noisy, sr=8000)
    shared = scoring.score_speech(clean, noisy, sr=8000, workers=2)
    for metric, values in alone.items():
        # Sums may be taken in another order in another process.
        np.testing.assert_allclose(shared[metric], values, rtol=1e-9, atol=1e-9)
    with pytest.raises(ValueError, match="shorter"):
        scoring.score_speech(clean, noisy[:2], sr=8000)


def test_means_are_json_or_none():
    assert scoring.mean_and_error([1.0, 3.0]) == (2.0, pytest.approx(1.0))
    assert scoring.mean_and_error([5.0]) == (5.0, None)
    for nothing in ([], [1.0, np.nan], [1.0, np.inf]):
        assert scoring.mean_and_error(nothing) == (None, None)
