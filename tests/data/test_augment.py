"""Variations of voices: what changes, what must not."""

from __future__ import annotations

import librosa
import numpy as np
import pytest

from course_lib.data.augment import vary_voice

STILL = {"tract": 0.0, "pitch": 0.0, "rate": 0.0, "bend": 0.0, "tilt": 0.0, "level": 0.0, "keep": 0.0}


@pytest.fixture(scope="module")
def clips():
    rng = np.random.default_rng(0)
    features = np.full((12, 128, 64), -1.5, np.float32)
    features[:, 6:60] += rng.uniform(0, 3, (12, 54, 64)).astype(np.float32)
    return features


def test_no_change_asked_no_change_made(clips):
    np.testing.assert_allclose(vary_voice(clips, np.random.default_rng(0), **STILL), clips, atol=1e-4)


def test_same_generator_same_variation(clips):
    one, same, other = (vary_voice(clips, np.random.default_rng(seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert np.abs(one - other).max() > 0.1
    assert one.dtype == np.float32
    assert one.shape == clips.shape


def test_silence_stays_silent_and_nothing_falls_below_it(clips):
    varied = vary_voice(clips, np.random.default_rng(0))
    np.testing.assert_allclose(varied[:, 90:], -1.5, atol=1e-5)
    assert varied.min() >= -1.5 - 1e-5


def test_some_clips_are_kept(clips):
    many = np.tile(clips, (20, 1, 1))
    varied = vary_voice(many, np.random.default_rng(0), keep=0.3)
    same = (varied == many).all(axis=(1, 2)).mean()
    assert 0.2 < same < 0.4
    assert (vary_voice(many, np.random.default_rng(0), keep=1.0) == many).all()


def test_a_formant_moves_by_the_tract_factor():
    """A broad resonance at 1200 Hz lies between 1200 / 1.16 and 1200 * 1.16 afterwards."""
    centres = librosa.mel_frequencies(n_mels=66, fmin=0.0, fmax=4000.0)[1:-1]
    features = np.zeros((50, 64, 64), np.float32)
    features[:, 8:40] = 3 * np.exp(-0.5 * (np.log(centres / 1200) / 0.15) ** 2)
    varied = vary_voice(features, np.random.default_rng(0), **STILL | {"tract": 0.15})
    peaks = centres[varied[:, 20].argmax(axis=-1)]
    step = 1.05  # bands are 4 % apart there
    assert (peaks > 1200 / np.exp(0.15) / step).all()
    assert (peaks < 1200 * np.exp(0.15) * step).all()
    assert peaks.max() / peaks.min() > 1.2


def test_the_onset_stays(clips):
    varied = vary_voice(clips, np.random.default_rng(0), **STILL | {"rate": 0.3, "bend": 3.0})
    np.testing.assert_allclose(varied[:, :9], clips[:, :9], atol=1e-4)
    ends = (varied[:, :, 0] > -1.49).sum(axis=1)
    assert ends.max() - ends.min() > 10


def test_wrong_shape():
    with pytest.raises(ValueError, match=r"expected features of shape .* received \(128, 64\)"):
        vary_voice(np.zeros((128, 64)), np.random.default_rng(0))
