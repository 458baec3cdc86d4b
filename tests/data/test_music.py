"""Pieces of single notes, and a voice over them."""

from __future__ import annotations

import numpy as np
import pytest

from course_lib.data import catalog, notes
from course_lib.data.music import Music
from course_lib.data.splits import takes_held_out
from course_lib.data.voice_and_music import KINDS, VoiceAndMusic
from course_lib.data.voice_bank import VoiceBank


@pytest.fixture(scope="module")
def music():
    return Music(notes.load())


@pytest.fixture(scope="module")
def pairs(music):
    words = catalog.load("digits")
    return VoiceAndMusic(VoiceBank(words.select(np.arange(40)), voices=1), music)


def test_every_piece_sounds_and_none_is_like_another(music):
    pieces = [music.play(8192, rng=np.random.default_rng(seed)) for seed in range(30)]
    assert min(np.abs(piece).max() for piece in pieces) > 0.01
    assert all(piece.dtype == np.float32 and piece.shape == (8192,) for piece in pieces)
    np.testing.assert_array_equal(pieces[3], music.play(8192, rng=np.random.default_rng(3)))
    assert len({piece.tobytes() for piece in pieces}) == 30


def test_a_piece_is_a_sum_of_the_notes_it_was_given():
    """One note, silent elsewhere: every sample of a piece is made of copies of it."""
    clips = notes.load()
    only = clips.select(np.flatnonzero((clips.label == 2) & (clips.pitch == 60))[:1])
    piece = Music(only).play(4000, rng=np.random.default_rng(0))
    power = np.abs(np.fft.rfft(piece * np.hanning(4000))) ** 2
    hz = np.fft.rfftfreq(4000, 1 / 8000)
    harmonic = np.abs(hz / 261.63 - np.round(hz / 261.63)) * 261.63 < 12
    assert power[harmonic].sum() > 0.98 * power.sum()


def test_music_takes_an_instrument():
    clips = notes.load()
    with pytest.raises(ValueError, match="music takes notes of an instrument; received none"):
        Music(clips.select(clips.label >= len(notes.INSTRUMENTS)))


def test_both_parts_are_asked_for_and_add_up(pairs):
    inputs, target = pairs.batch(np.arange(5), np.random.default_rng(0))
    assert inputs["spectrum"].shape == target.shape == (10, *pairs.shape)
    np.testing.assert_array_equal(inputs["condition"], np.repeat(np.eye(2), 5, axis=0))
    np.testing.assert_array_equal(inputs["spectrum"][:5], inputs["spectrum"][5:])
    np.testing.assert_allclose(target[:5] + target[5:], inputs["spectrum"][:5], atol=1e-5)
    assert KINDS == ("voice", "note")
    assert len(pairs) == 40


def test_ratios_lie_in_their_range(music):
    words = catalog.load("digits").select(np.arange(12))
    pairs = VoiceAndMusic(VoiceBank(words, voices=1), music, snr_db=(3.0, 3.0))
    _, target = pairs.batch(np.arange(12), np.random.default_rng(1))
    energy = np.square(target).sum(axis=(1, 2))
    np.testing.assert_allclose(10 * np.log10(energy[:12] / energy[12:]), 3.0, atol=0.5)


def test_different_rates_are_refused(pairs):
    slow = Music(notes.load(sr=16000, n_samples=16384).select(np.arange(3)))
    with pytest.raises(ValueError, match="one rate; received 8000 and 16000 Hz"):
        VoiceAndMusic(pairs.bank, slow)


def test_everybody_is_on_both_sides_of_a_split_by_takes():
    clips = catalog.load("digits")
    train, test = takes_held_out(clips)
    assert set(train.speaker) == set(test.speaker) == set(clips.speaker)
    assert not set(train.name) & set(test.name)
    assert len(train) + len(test) == len(clips)
    assert set(test.take) == {0}
    with pytest.raises(ValueError, match="has one take in digits"):
        takes_held_out(test)
