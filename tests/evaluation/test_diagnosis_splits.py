"""Leakage: copies of held-out digits among those that train."""

from __future__ import annotations

import numpy as np
import pytest

from course_lib.data.augment_signal import AugmentSignal
from course_lib.evaluation.diagnosis import splits
from course_lib.evaluation.diagnosis.recordings import SAME_RECORDING, nearest_recordings


def _shared(train, test, y, names, **options):
    return splits.shared_recordings(y, test.y, train_names=names, test_names=test.name, **options)


def test_the_bundled_split_is_clean(digit_clips):
    train, test = digit_clips
    assert _shared(train, test, train.y, train.name) is None
    assert splits.shared_speakers(train.speaker, test.speaker, held_out=sorted(set(test.speaker))) is None


def test_copies_under_another_name_are_found(digit_clips):
    train, test = digit_clips
    y = np.concatenate([train.y, test.y[[3, 8]]])
    found = _shared(train, test, y, [*train.name, "a.wav", "b.wav"], similar=False)
    assert (found.name, found.severity) == ("leakage between splits", "serious")
    assert (found.evidence["shared"], found.evidence["equal"]) == (2, 2)
    assert found.evidence["pairs"][0] == {
        "held_out": test.name[3],
        "training": "a.wav",
        "correlation": 1.0,
    }
    assert f"2 of {len(test)} held-out clips" in found.sentence
    assert "Split by recording" in found.remedy


def test_a_name_on_both_sides_is_one_recording(digit_clips):
    train, test = digit_clips
    found = _shared(train, test, train.y, [test.name[0], *train.name[1:]], similar=False)
    assert found.evidence["pairs"][0]["training"] == test.name[0]


def test_varied_copies_are_found_whatever_their_speed_level_and_place(digit_clips):
    train, test = digit_clips
    rows = np.arange(len(test))
    copies = AugmentSignal()(test.y, np.random.default_rng(0))
    index, correlation = nearest_recordings(copies, np.concatenate([train.y, test.y]))
    assert (index == len(train) + rows).mean() >= 0.9
    assert (correlation >= SAME_RECORDING).mean() >= 0.8
    found = _shared(train, test, np.concatenate([train.y, copies[:5]]), [*train.name, *"abcde"])
    assert found.evidence["equal"] == 0
    assert 3 <= found.evidence["shared"] <= 5
    assert {pair["training"] for pair in found.evidence["pairs"]} <= set("abcde")
    assert "another level, place or speed" in found.sentence


def test_other_speakers_of_the_same_word_are_no_copies(digit_clips):
    train, test = digit_clips
    _, correlation = nearest_recordings(test.y, train.y)
    assert correlation.max() < SAME_RECORDING
    assert correlation.min() >= 0


def test_silence_is_nobody_s_copy():
    silence = np.zeros((2, 8192), np.float32)
    _, correlation = nearest_recordings(silence, silence)
    assert correlation.tolist() == [0.0, 0.0]


def test_a_split_that_is_meant_so_gets_a_note(digit_clips):
    train, test = digit_clips
    louder = np.concatenate([train.y, 0.5 * test.y[:2]])
    names = [*train.name, "a.wav", "b.wav"]
    assert _shared(train, test, louder, names).severity == "serious"
    assert _shared(train, test, louder, names, designed=True).severity == "note"
    equal = np.concatenate([train.y, test.y[:2]])
    assert _shared(train, test, equal, names, designed=True).severity == "serious"


def test_a_speaker_held_out_in_name_only():
    train, test = ["ada", "ben", "ben", "cy"], ["ben", "dan"]
    found = splits.shared_speakers(train, test, held_out=["ben", "dan"])
    assert (found.severity, found.evidence["speakers"], found.evidence["clips"]) == ("serious", ["ben"], 2)
    assert "The run holds out ben" in found.sentence


def test_speakers_on_both_sides_without_a_claim_are_a_note():
    found = splits.shared_speakers(["ada", "ben"], ["ben", "ada"])
    assert (found.name, found.severity) == ("voices on both sides", "note")
    assert found.sentence.startswith("Everybody in the held-out clips (ada, ben)")
    some = splits.shared_speakers(["ada", "ben"], ["ben", "eve"])
    assert some.sentence.startswith("1 of those in the held-out clips (ben)")
    assert splits.shared_speakers(["ada"], ["eve"]) is None


def test_sides_of_different_lengths_are_refused(digit_clips):
    train, test = digit_clips
    with pytest.raises(ValueError, match="zip"):
        splits.shared_recordings(train.y, test.y, train_names=["one"], test_names=test.name)
