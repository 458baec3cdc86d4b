"""No speaker of the test is in the training."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.data import catalog, spoken_digits
from course_lib.data.clips import Clips
from course_lib.data.splits import (
    bundled,
    leave_one_speaker_out,
    official_fsdd,
    published,
    speaker_held_out,
    split,
)

SPEAKERS = ("george", "jackson", "lucas", "nicolas", "theo", "yweweler")


def fsdd_like(takes: int = 10) -> Clips:
    rows = [(speaker, digit, take) for speaker in SPEAKERS for digit in range(10) for take in range(takes)]
    return Clips(
        y=np.zeros((len(rows), 4), np.float32),
        label=np.array([row[1] for row in rows]),
        speaker=np.array([row[0] for row in rows]),
        take=np.array([row[2] for row in rows]),
        name=[f"{digit}_{speaker}_{take}.wav" for speaker, digit, take in rows],
        length=np.full(len(rows), 4),
        sr=8000,
        dataset="fsdd",
        sha256="0" * 64,
    )


@pytest.fixture(scope="module")
def digits(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_CACHE", str(tmp_path_factory.mktemp("cache")))
        return catalog.load("digits")


@given(st.sets(st.sampled_from(SPEAKERS), min_size=1, max_size=5))
def test_held_out_speakers_never_train(held_out):
    clips = fsdd_like(takes=2)
    train, test = speaker_held_out(clips, sorted(held_out))
    assert set(test.speaker) == held_out
    assert not set(train.speaker) & set(test.speaker)
    assert sorted(train.name + test.name) == sorted(clips.name)


def test_bundled_voices_are_on_one_side_only(digits):
    train, test = split(digits)
    assert not set(train.speaker) & set(test.speaker)
    assert sorted(train.name + test.name) == sorted(digits.name)
    assert set(test.speaker) == set(spoken_digits.test_voices())
    for side in (train, test):
        assert np.bincount(side.label, minlength=10).min() == len(side) // 10
    assert len(test) / len(digits) == pytest.approx(0.2, abs=0.02)


def test_bundled_and_split_agree(digits):
    assert bundled(digits)[1].name == split(digits)[1].name
    assert split(digits, ["m1-gb"])[1].name == [name for name in digits.name if "_m1-gb_" in name]


def test_official_fsdd_tests_takes_0_to_4():
    train, test = split(fsdd_like())
    assert set(test.take) == {0, 1, 2, 3, 4}
    assert set(train.take) == {5, 6, 7, 8, 9}
    assert set(train.speaker) == set(test.speaker) == set(SPEAKERS)


def test_official_fsdd_needs_takes_on_both_sides():
    with pytest.raises(ValueError, match="takes 0 to 4 and later ones; received takes \\[0, 1, 2\\]"):
        official_fsdd(fsdd_like(takes=3))


def test_an_unknown_speaker_is_answered_with_the_known_ones():
    with pytest.raises(ValueError, match="unknown speaker geroge; fsdd has george, jackson, lucas"):
        split(fsdd_like(), ["geroge"])


def test_one_name_is_a_name_not_letters():
    _, test = speaker_held_out(fsdd_like(), "theo")
    assert set(test.speaker) == {"theo"}


def test_someone_must_be_left_on_each_side():
    with pytest.raises(ValueError, match="leaves none to train on"):
        speaker_held_out(fsdd_like(), SPEAKERS)
    with pytest.raises(ValueError, match="no speaker to hold out; fsdd has george"):
        speaker_held_out(fsdd_like(), [])


def test_a_data_set_without_a_split_wants_speakers():
    with pytest.raises(ValueError, match="'mine' has no split of its own"):
        split(replace(fsdd_like(), dataset="mine"))


def test_leaving_each_speaker_out_in_turn():
    clips = fsdd_like(takes=2)
    rounds = list(leave_one_speaker_out(clips))
    assert [speaker for speaker, _, _ in rounds] == list(SPEAKERS)
    for speaker, train, test in rounds:
        assert set(test.speaker) == {speaker}
        assert set(train.speaker) == set(SPEAKERS) - {speaker}
        assert not set(train.name) & set(test.name)
    assert sorted(name for _, _, test in rounds for name in test.name) == sorted(clips.name)


def test_a_single_speaker_cannot_be_left_out():
    clips = fsdd_like(takes=2)
    with pytest.raises(ValueError, match="leaves none to train on"):
        next(leave_one_speaker_out(clips.select(clips.speaker == "theo")))


def test_sets_without_a_published_list_say_so(digits):
    with pytest.raises(ValueError, match="'digits' has no published parts; use split"):
        published(digits)


def test_no_recording_of_the_bundled_digits_is_on_both_sides(digits):
    """Not by name only: neither the files nor the prepared samples of one side occur on the other."""
    train, test = split(digits)
    hashes = spoken_digits.hashes()
    assert not {hashes[name] for name in train.name} & {hashes[name] for name in test.name}
    sides = [{y.tobytes() for y in part.y} for part in (train, test)]
    assert not sides[0] & sides[1]
    assert len(sides[0]) == len(train)


def test_statistics_are_those_of_the_training_alone(digits):
    """What a representation is fitted on decides its scale; a test clip must not move it."""
    from course_lib.audio.log_mel_spectrogram import LogMelSpectrogram

    train, test = split(digits)
    part = train.select(np.arange(40))
    fitted = LogMelSpectrogram().fit(part.y)
    other = LogMelSpectrogram().fit(np.concatenate([part.y, test.y[:40]]))
    assert fitted.config != other.config
    features = fitted.encode(part.y)
    assert np.abs(features.mean()) < 1e-3
    assert features.std() == pytest.approx(1, abs=0.01)
    before = repr(fitted.config)
    fitted.encode(test.y[:40])
    assert repr(fitted.config) == before


def test_a_training_fits_its_representation_on_the_training_clips(digits, monkeypatch):
    from course_lib.audio.log_mel_spectrogram import LogMelSpectrogram
    from course_lib.training import training_data

    fitted_on = []
    fit = LogMelSpectrogram.fit

    def watched(self, y):
        fitted_on.append(np.asarray(y))
        return fit(self, y)

    monkeypatch.setattr(LogMelSpectrogram, "fit", watched)
    monkeypatch.setattr(catalog, "load", lambda name: digits)
    config = {"dataset": {"name": "digits", "holdout": ["m1-gb"]}, "limit_clips": 30, "representation": None}
    training_data.load_training_data(config)
    held_out = {y.tobytes() for y in digits.y[digits.speaker == "m1-gb"]}
    assert len(fitted_on) == 1
    assert len(fitted_on[0]) == 30
    assert not {y.tobytes() for y in fitted_on[0]} & held_out
