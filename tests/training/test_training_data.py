"""Training features from the cache are those of encoding anew, bit for bit."""

from __future__ import annotations

import numpy as np
import pytest

from course_lib.audio.log_mel_spectrogram import LogMelSpectrogram
from course_lib.audio.magnitude_phase import MagnitudePhase
from course_lib.data import catalog, features
from course_lib.data.splits import split
from course_lib.training.training_data import encode_split, load_training_data


@pytest.fixture(scope="module")
def sides():
    clips = catalog.load("digits")
    clips = clips.select(np.arange(0, len(clips), 13))
    train, test = split(clips)
    return clips, train, test


@pytest.mark.parametrize("cached", [True, False])
def test_fitted_and_encoded_as_without_a_cache(sides, cached):
    clips, train, test = sides
    expected = LogMelSpectrogram().fit(train.y)
    representation, trained, held_out = encode_split(clips, train, test, None, cached=cached)
    assert representation.config == expected.config
    np.testing.assert_array_equal(trained, expected.encode(train.y))
    np.testing.assert_array_equal(held_out, expected.encode(test.y))
    assert trained.flags.writeable


def test_a_given_representation_keeps_its_scaling_and_its_unscaled_bands(sides):
    clips, train, test = sides
    clips, train, test = (some.select(np.arange(10)) for some in (train, train, train))
    for given in (MagnitudePhase().fit(clips.y[:5]), MagnitudePhase()):
        representation, trained, _ = encode_split(clips, train, test, given.config)
        assert representation.config == given.config
        np.testing.assert_array_equal(trained, given.encode(train.y))


def test_a_second_start_encodes_nothing_whatever_is_held_out(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path))
    config = {"dataset": {"name": "digits"}}
    first = load_training_data(config)
    assert len(list(tmp_path.glob("features/*.npy"))) == 1
    monkeypatch.setattr(features, "write_features", lambda *_: pytest.fail("encoded again"))
    second = load_training_data(config | {"representation": first.representation.config})
    np.testing.assert_array_equal(first.train, second.train)
    np.testing.assert_array_equal(first.held_out, second.held_out)
    voice = first.previews.speaker[0]
    other = load_training_data({"dataset": {"name": "digits", "holdout": [voice]}})
    assert len(other.train) != len(first.train)
    np.testing.assert_array_equal(
        other.held_out[0], other.representation.encode(_first(voice).y)[0], "rows belong to their clips"
    )


def _first(voice: str):
    clips = catalog.load("digits")
    return clips.select(clips.speaker == voice)


def test_only_training_clips_are_ever_varied():
    """An augmented copy of a held-out voice in the training would leak what the test is to find out."""
    from course_lib.training.batches import EpochBatches
    from course_lib.training.tasks.reconstruction import Reconstruction

    voices = ["m1-gb", "f2-rp"]
    data = load_training_data({"dataset": {"name": "digits", "holdout": voices}})
    varied = []

    def remember(x, rng):
        varied.extend(clip.tobytes() for clip in x)
        return x + rng.normal(size=x.shape)

    batches = EpochBatches(Reconstruction(data, remember), batch_size=256, seed=0)
    for epoch in range(2):
        batches.epoch = epoch
        for index in range(batches.batches):
            batches[index]
    clips = catalog.load("digits")
    held_out = data.representation.encode(clips.select(np.isin(clips.speaker, voices)).y)
    trained = data.representation.encode(clips.select(~np.isin(clips.speaker, voices)).y)
    assert len(varied) == 2 * len(trained)
    assert set(varied) == {clip.tobytes() for clip in trained}
    assert not set(varied) & {clip.tobytes() for clip in held_out}
