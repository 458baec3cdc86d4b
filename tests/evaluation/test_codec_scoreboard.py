"""The row of a codec on the scoreboard, with codecs whose rate and quality are known."""

from __future__ import annotations

import numpy as np
import pytest

from course_lib.audio.log_mel_spectrogram import LogMelSpectrogram
from course_lib.evaluation import reconstruction, strings
from course_lib.evaluation.codec import through_files

GAP = 0.05


@pytest.fixture(scope="module")
def clips(digit_clips):
    return digit_clips[1]


@pytest.fixture(scope="module")
def order(clips):
    return strings.arrange(clips.label)


def test_every_byte_counts_over_the_seconds_that_are_scored(clips, order):
    seen = []

    def code(features, begin, end, samples):
        seen.append((begin, end, samples))
        return 2 * features, 1000 + len(seen)

    features = np.random.default_rng(0).standard_normal((len(clips), 4, 3)).astype(np.float32)
    made, cost = through_files(code, features, clips, order, gap_seconds=GAP)
    np.testing.assert_array_equal(made, 2 * features)
    sizes = 1001 + np.arange(len(order))
    joined = strings.concatenate(clips.y, clips.length, order=order, gap_seconds=GAP, sr=clips.sr)
    seconds = np.array([len(y) for y in joined]) / clips.sr
    assert cost["bytes"] == sizes.mean()
    assert cost["kbit_s"] == pytest.approx(np.mean(8 * sizes / seconds / 1000))
    assert cost["kbit_s_se"] == pytest.approx(
        np.std(8 * sizes / seconds / 1000, ddof=1) / np.sqrt(len(order))
    )
    for (begin, end, samples), members, y in zip(seen, order, joined, strict=True):
        assert samples == len(y)
        for first, last, member in zip(begin, end, members, strict=True):
            np.testing.assert_array_equal(y[first:last], clips.y[member, : clips.length[member]])


def test_a_codec_must_keep_the_shape(clips, order):
    features = np.zeros((len(clips), 4, 3), np.float32)
    with pytest.raises(ValueError, match=r"code must keep the shape .*; it gives .*\(\d+, 2, 3\)"):
        through_files(lambda x, *rest: (x[:, :2], 1), features, clips, order, gap_seconds=GAP)


def test_the_row_is_scored_like_the_others(digit_clips, monkeypatch):
    train, test = digit_clips
    representation = LogMelSpectrogram().fit(train.y)
    whole = reconstruction._systems
    wanted = ("model", "codec", "ceiling", "mean")
    monkeypatch.setattr(
        reconstruction, "_systems", lambda *parts: (pair for pair in whole(*parts) if pair[0] in wanted)
    )
    rng = np.random.default_rng(0)

    def poor(features):
        return features + rng.standard_normal(features.shape).astype(np.float32)

    result = reconstruction.evaluate(
        poor, train, test, representation, n_strings=2, code=lambda features, *place: (features, 300)
    )
    rows = result["rows"]
    assert list(rows) == list(wanted)
    assert rows["codec"]["stoi"] == rows["ceiling"]["stoi"] > rows["model"]["stoi"] + 0.05
    assert rows["codec"]["stoi_share"] == 1
    assert rows["codec"]["mae_features"] == 0
    assert rows["codec"]["bytes"] == 300
    assert "kbit_s" not in rows["model"]
    assert "whose bytes all count" in result["protocol"]
