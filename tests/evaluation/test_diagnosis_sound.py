"""What is heard of an output that went wrong, in spoken digits."""

from __future__ import annotations

import io

import numpy as np
import pytest

from course_lib.audio.files import read, wav_bytes
from course_lib.audio.log_mel_spectrogram import LogMelSpectrogram
from course_lib.evaluation.diagnosis import sound


@pytest.fixture(scope="module")
def through(digit_clips):
    """(features, sounds) of six held-out digits through the representation alone."""
    train, test = digit_clips
    representation = LogMelSpectrogram().fit(train.y)
    features = representation.encode(test.y[:6])
    return representation, features, representation.decode(features)


def test_a_faithful_output_has_no_symptom(through):
    _, features, y = through
    assert sound.silent(0.3 * y, y) is None
    assert sound.silent(y) is None
    assert sound.clipped(y, y) is None
    assert sound.same_for_everything(features, features) is None
    # A model that blurs clips into each other, but not into one.
    blurred = 0.5 * features + 0.5 * features.mean(axis=0)
    assert sound.same_for_everything(blurred, features) is None


def test_the_output_of_a_relu_is_inaudible(through):
    """Standardised features cut at zero from above: nothing that is louder than the mean is left."""
    representation, features, y = through
    made = representation.decode(np.minimum(features, features.min(axis=(0, 1)) + 0.1))
    found = sound.silent(made, y, learning_rate=1e-5)
    assert (found.name, found.severity) == ("silent output", "serious")
    assert found.evidence["silent_clips"] == found.evidence["clips"] == 6
    assert found.evidence["level_db"] < -25
    assert "Every clip that the model makes is barely audible" in found.sentence
    assert found.remedy.startswith("Raise learning_rate: it is 1e-05, try 0.001.")
    assert "relu" in found.remedy


def test_one_silent_clip_of_six_is_a_warning(through):
    _, _, y = through
    made = y.copy()
    made[2] = 0
    found = sound.silent(made, y)
    assert (found.severity, found.evidence["silent_clips"]) == ("warning", 1)
    assert found.sentence == "1 of 6 clips that the model makes is silent."
    assert found.evidence["level_db"] < -60


def test_without_originals_full_scale_is_the_measure():
    t = np.arange(8192) / 8000
    tone = np.sin(2 * np.pi * 220 * t)[None]
    assert sound.silent(0.01 * tone) is None
    assert sound.silent(0.001 * tone).evidence["level_db"] == pytest.approx(-60, abs=0.1)


def test_features_that_are_too_loud_clip(through):
    representation, features, y = through
    found = sound.clipped(representation.decode(features + 2.0), y)
    assert (found.name, found.severity, found.lab) == ("clipped output", "serious", "00")
    assert found.evidence["clipped_share"] > 0.01
    assert f"{100 * found.evidence['clipped_share']:.2g} %" in found.sentence


def test_clipping_counts_runs_and_not_peaks():
    y = np.zeros((2, 1000), np.float32)
    y[:, ::100] = 1.0
    assert sound.clipped(y) is None
    y[0, 500:505], y[1, -3:] = 1.0, -1.0
    found = sound.clipped(y)
    assert found.evidence["clipped_share"] == pytest.approx(8 / 2000)
    assert (found.evidence["longest_run"], found.severity) == (5, "warning")
    # Neighbouring clips do not make one run; what the originals have is not the model's fault.
    ends = np.zeros((2, 1000), np.float32)
    ends[0, -2:], ends[1, :2] = 1.0, 1.0
    assert sound.clipped(np.repeat(ends, 9, axis=0)[:2]) is None
    assert sound.clipped(y, y) is None


def test_the_loudest_sample_of_a_file_is_full_scale():
    y = np.zeros(4000, np.float32)
    y[1000:1050] = 1.5
    again = read(io.BytesIO(wav_bytes(y)), sr=8000)
    assert sound.clipped(again[None]).evidence["longest_run"] == 50


def test_the_mean_for_every_clip_is_the_same_for_everything(through):
    _, features, _ = through
    mean = np.broadcast_to(features.mean(axis=0), features.shape)
    found = sound.same_for_everything(mean, features)
    assert (found.severity, found.evidence["spread_ratio"]) == ("serious", pytest.approx(0, abs=1e-6))
    nearly = 0.1 * features + 0.9 * mean
    found = sound.same_for_everything(nearly, features, learning_rate=0.5)
    assert found.severity == "warning"
    assert found.evidence["spread_ratio"] == pytest.approx(0.1, abs=1e-3)
    assert found.remedy == "Lower learning_rate: it is 0.5, try 0.001."
    assert sound.same_for_everything(mean[:1], features[:1]) is None
