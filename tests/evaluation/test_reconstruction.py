"""The scoreboard: its rows in the order they must have, its protocol, and what it refuses."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from course_lib.audio.log_mel_spectrogram import LogMelSpectrogram
from course_lib.evaluation import ceilings, reconstruction, strings
from course_lib.evaluation.intelligibility import has_pesq, stoi


@pytest.fixture(scope="module")
def representation(digit_clips):
    return LogMelSpectrogram().fit(digit_clips[0].y)


@pytest.fixture(scope="module")
def board(digit_clips, representation):
    """A model that keeps 8 principal components, on the scoreboard of 16."""
    train, test = digit_clips
    features = representation.encode(train.y)
    seen = []
    result = reconstruction.evaluate(
        lambda x: ceilings.pca_reconstruction(features, x, 8), train, test, representation, components=16,
        on_row=seen.append,
    )  # fmt: skip
    return result, seen


def test_rows_and_their_order(board):
    result, seen = board
    assert list(result["rows"]) == ["model", "pca_16", "pca_32", "ceiling", "mean"]
    assert seen == ["features", *result["rows"]]
    metrics = ("stoi", "pesq_nb", "log_mel_l1", "mae_features")
    for row in result["rows"].values():
        assert set(row) == {*metrics, "stoi_se", "pesq_nb_se", *(f"{metric}_share" for metric in metrics)}
    json.dumps(result, allow_nan=False)


def test_every_metric_puts_more_information_higher(board):
    rows = board[0]["rows"]
    best_first = [rows[name] for name in ("ceiling", "pca_32", "pca_16", "model", "mean")]
    for metric, sign in (("stoi", 1), ("mae_features", -1), ("log_mel_l1", -1)):
        values = [sign * row[metric] for row in best_first]
        assert values == sorted(values, reverse=True), metric
    assert rows["ceiling"]["mae_features"] == 0
    assert rows["ceiling"]["stoi"] > 0.98
    assert rows["mean"]["stoi"] < 0.7


def test_shares_lead_from_the_mean_to_the_ceiling(board):
    rows = board[0]["rows"]
    for metric in ("stoi", "log_mel_l1", "mae_features"):
        assert rows["mean"][f"{metric}_share"] == 0
        assert rows["ceiling"][f"{metric}_share"] == 1
        floor, ceiling, score = (rows[name][metric] for name in ("mean", "ceiling", "model"))
        share = rows["model"][f"{metric}_share"]
        assert share == pytest.approx(abs(score - floor) / abs(ceiling - floor))
        assert 0 < share < rows["pca_32"][f"{metric}_share"] < 1


@pytest.mark.skipif(not has_pesq(), reason="PESQ is not installed: pip install pesq")
def test_pesq_of_the_ceiling_is_far_above_the_rest(board):
    rows = board[0]["rows"]
    assert rows["ceiling"]["pesq_nb"] > 3.5 > 2 > rows["mean"]["pesq_nb"]


def test_a_row_is_what_its_protocol_says(board, digit_clips, representation):
    """The ceiling computed by hand: alone through the representation, padding cut, joined, averaged."""
    _, test = digit_clips
    sound = representation.decode(representation.encode(test.y))
    order = strings.arrange(test.label)
    scores = []
    for members in order:
        gap = np.zeros(400, np.float32)
        reference, estimate = (
            np.concatenate([part for clip in members for part in (y[clip, : test.length[clip]], gap)])
            for y in (test.y, sound)
        )
        scores.append(stoi(reference, estimate, sr=8000))
    row = board[0]["rows"]["ceiling"]
    assert row["stoi"] == pytest.approx(np.mean(scores), abs=1e-6)
    assert row["stoi_se"] == pytest.approx(np.std(scores, ddof=1) / np.sqrt(len(scores)), abs=1e-6)


def test_the_protocol_states_what_was_done(board):
    result = board[0]
    assert "30 held-out digits" in result["protocol"]
    assert "3 strings" in result["protocol"]
    assert "32 iterations of Griffin-Lim" in result["protocol"]
    assert result["settings"]["held_out_clips"] == 30
    assert result["settings"]["components"] == 16


def test_fewer_strings_and_silence(digit_clips, representation, monkeypatch):
    """One string has no standard error; a model that is silent has no PESQ, and says so by None."""
    train, test = digit_clips
    whole = reconstruction._systems
    wanted = ("model", "ceiling", "mean")
    monkeypatch.setattr(
        reconstruction, "_systems", lambda *parts: (pair for pair in whole(*parts) if pair[0] in wanted)
    )
    silent = reconstruction.evaluate(lambda x: x - 1e3, train, test, representation, n_strings=1)
    assert silent["settings"]["strings"] == 1
    row = silent["rows"]["model"]
    assert row["pesq_nb"] is None
    assert row["pesq_nb_share"] is None
    assert row["stoi_se"] is None
    assert row["stoi"] < 0.1


def test_a_model_that_cannot_be_scored(digit_clips, representation):
    train, test = digit_clips
    with pytest.raises(ValueError, match="one shape; received"):
        reconstruction.evaluate(lambda x: x[:, :64], train, test, representation)
    with pytest.raises(ValueError, match="the training has diverged"):
        reconstruction.evaluate(lambda x: x * np.nan, train, test, representation)
    with pytest.raises(ValueError, match="n_strings must be at least 1; received 0"):
        reconstruction.evaluate(lambda x: x, train, test, representation, n_strings=0)
    with pytest.raises(ValueError, match="clips on both sides"):
        reconstruction.evaluate(lambda x: x, train.select([]), test, representation)
    half = replace(train, y=train.y[:, :4096])
    with pytest.raises(ValueError, match="expected clips of 8192 samples; received 4096"):
        reconstruction.evaluate(lambda x: x, half, test, representation)
