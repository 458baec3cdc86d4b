"""Pairs to train on: exact ratios, other voices, the same batch from the same generator."""

from __future__ import annotations

import numpy as np
import pytest

from course_lib.audio.stacked import level, stack, unstack
from course_lib.data.mixture_pairs import MixturePairs
from course_lib.data.noisy_pairs import NoisyPairs
from course_lib.data.spectral_tilt import random_gains
from course_lib.data.voice_bank import VoiceBank, _in_samples
from tests.data.test_mixtures import make_clips


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.fixture(scope="module")
def clips():
    return make_clips(takes=1)


@pytest.fixture(scope="module")
def bank(clips) -> VoiceBank:
    return VoiceBank(clips, voices=3)


def energy_db(x) -> np.ndarray:
    return 10 * np.log10((np.asarray(x, np.float64) ** 2).sum(axis=(1, 2)))


def test_stacked_spectra_come_back():
    spectrum = (rng().standard_normal((2, 5, 4)) + 1j * rng(1).standard_normal((2, 5, 4))).astype(
        np.complex64
    )
    np.testing.assert_array_equal(unstack(stack(spectrum)), spectrum)
    assert stack(spectrum).shape == (2, 5, 8)
    np.testing.assert_allclose((np.abs(spectrum / level(spectrum)) ** 2).mean((1, 2)), 1, rtol=1e-5)
    assert level(np.zeros((1, 2, 3), complex))[0, 0, 0] > 0
    with pytest.raises(ValueError, match="as many imaginary as real parts; received 5"):
        unstack(np.zeros((2, 5)))


def test_bank_holds_every_clip_in_its_own_and_other_voices(clips, bank):
    assert bank.speed.shape == (3, 3)
    np.testing.assert_array_equal(bank.speed[:, 0], 1)
    assert (np.abs(np.log(bank.speed)) <= np.log(1.3) + 1e-9).all()
    assert (np.abs(np.log(bank.formants)) <= np.log(1.18) + 1e-9).all()
    # Every speaker gets other voices.
    assert len(np.unique(bank.speed[:, 1:])) > 3
    assert len(np.unique(bank.formants[:, 1:])) > 3
    for clip in (0, 17, 29):
        np.testing.assert_array_equal(bank.sound(clip, 0), clips.y[clip, : clips.length[clip]])
        for voice in (1, 2):
            expected = clips.length[clip] / bank.speed[bank.speaker[clip], voice]
            assert len(bank.sound(clip, voice)) == pytest.approx(expected, rel=0.01)
        assert bank.names[bank.speaker[clip]] == clips.speaker[clip]
    assert bank.label.tolist() == clips.label.tolist()


def test_bank_joins_data_sets(clips):
    bank = VoiceBank([clips, make_clips(("dan",), takes=1, seed=1)], voices=1)
    assert len(bank) == 40
    assert bank.names.tolist() == ["ann", "bob", "cem", "dan"]
    np.testing.assert_array_equal(bank.clips_of(3), np.arange(30, 40))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"voices": 0}, "voices must be at least 1"),
        ({"speed": 3}, r"speed must lie between 1 and 1\.5"),
        ({"formants": 0.9}, r"formants must lie between 1 and 1\.3"),
        ({"drift": 1.4}, r"drift must lie between 1 and 1\.3"),
    ],
)
def test_bank_says_what_does_not_fit(clips, options, message):
    with pytest.raises(ValueError, match=message):
        VoiceBank(clips, **options)


def test_talk_fills_its_length_with_one_voice(bank):
    said = bank.talk(4, 16000, rng=rng(), gap_seconds=(0.0, 0.0))
    assert said.shape == (16000,)
    # Without gaps there is sound to the end: the clips are noise without a single zero.
    assert (said != 0).all()
    paused = bank.talk(4, 16000, rng=rng(), gap_seconds=(0.1, 0.1))
    silent = np.flatnonzero(paused == 0)
    assert len(silent) >= 800


def test_a_drifting_voice_is_at_another_speed_each_time(clips):
    bank = VoiceBank(clips, voices=1, drift=1.2)
    plain = bank.sound(3, 0)
    words = [bank.sound(3, 0, rng=rng(seed)) for seed in range(20)]
    lengths = np.array([len(word) for word in words])
    assert len(np.unique(lengths)) > 15
    # Up to the silence that fills the word to a length whose transform is fast.
    assert len(plain) / 1.21 < lengths.min() < lengths.max() < 1.25 * len(plain)
    np.testing.assert_array_equal(bank.sound(3, 0, rng=rng(4)), words[4])
    np.testing.assert_array_equal(bank.sound(3, 0), plain)
    # A tone keeps its level and moves its pitch.
    tone = np.sin(2 * np.pi * 0.1 * np.arange(4000)).astype(np.float32)
    faster = _in_samples(tone, 3200)
    expected = np.sin(2 * np.pi * 0.125 * np.arange(3200))
    np.testing.assert_allclose(faster, expected, atol=1e-4)
    assert bank.talk(4, 9000, rng=rng(), gap_seconds=(0.0, 0.0)).shape == (9000,)


def test_gains_are_smooth_and_mean_no_change():
    gains = random_gains(400, 65, spread_db=3.0, rng=rng())
    assert gains.shape == (400, 1, 65)
    decibels = 20 * np.log10(gains[:, 0])
    assert abs(decibels.mean()) < 0.5
    assert np.abs(np.diff(decibels, axis=1)).max() < 2.0
    np.testing.assert_array_equal(random_gains(2, 9, spread_db=0.0, rng=rng()), 1)


@pytest.mark.parametrize("babble", [0.0, 1.0])
def test_noisy_pairs_have_their_ratio_and_level(bank, babble):
    pairs = NoisyPairs(bank, n_samples=8192, babble=babble, snr_db=(3.0, 3.0))
    noisy, clean = pairs.batch(np.arange(6), rng())
    assert noisy.shape == clean.shape == (6, *pairs.shape)
    assert noisy.dtype == clean.dtype == np.float32
    np.testing.assert_allclose(energy_db(clean) - energy_db(noisy - clean), 3.0, atol=0.01)
    np.testing.assert_allclose((np.abs(unstack(noisy)) ** 2).mean((1, 2)), 1, rtol=1e-4)


def test_the_same_generator_gives_the_same_batch(bank):
    for pairs in (NoisyPairs(bank, n_samples=4096), MixturePairs(bank)):
        rows = np.array([3, 8])
        (one, target), (two, again), (_, other) = (pairs.batch(rows, rng(seed)) for seed in (5, 5, 6))
        np.testing.assert_array_equal(target, again)
        one, two = (x["spectrum"] if isinstance(x, dict) else x for x in (one, two))
        np.testing.assert_array_equal(one, two)
        assert np.abs(target - other).max() > 0


def test_babble_is_never_by_the_speaker_to_keep(bank, monkeypatch):
    talked = []
    talk = bank.talk

    def watch(clip, *args, **options):
        talked.append(bank.speaker[clip])
        return talk(clip, *args, **options)

    monkeypatch.setattr(bank, "talk", watch)
    NoisyPairs(bank, n_samples=4096, babble=1.0).batch(np.full(8, 2), rng())
    assert set(talked[:8]) == {0}
    assert len(talked) >= 8 + 8 * 4
    assert set(talked[8:]) == {1, 2}


def test_mixture_pairs_ask_for_either_source(bank):
    pairs = MixturePairs(bank, snr_db=(-5.0, -5.0))
    rows = np.arange(12)
    inputs, target = pairs.batch(rows, rng())
    spectrum, condition = inputs["spectrum"], inputs["condition"]
    assert spectrum.shape == target.shape == (24, *pairs.shape)
    np.testing.assert_array_equal(spectrum[:12], spectrum[12:])
    # The two targets of a mixture are the mixture, and the first is 5 dB quieter.
    np.testing.assert_allclose(target[:12] + target[12:], spectrum[:12], atol=1e-4)
    np.testing.assert_allclose(energy_db(target[:12]) - energy_db(target[12:]), -5.0, atol=0.01)
    digits = condition.argmax(axis=1)
    np.testing.assert_array_equal(digits[:12], bank.label[rows])
    assert (digits[:12] != digits[12:]).all()
    np.testing.assert_array_equal(condition.sum(axis=1), 1)


def test_pairs_say_what_does_not_fit(clips, bank):
    alone = VoiceBank(clips.select(clips.speaker == "ann"), voices=1)
    with pytest.raises(ValueError, match="only ann"):
        NoisyPairs(alone)
    with pytest.raises(ValueError, match="two different speakers"):
        MixturePairs(alone)
    with pytest.raises(ValueError, match="labels must lie below classes = 9; received up to 9"):
        MixturePairs(bank, classes=9)
    with pytest.raises(ValueError, match="hop_length must divide n_samples = 8192; received 100"):
        MixturePairs(bank, hop_length=100)
    with pytest.raises(ValueError, match="babble must lie between 0 and 1"):
        NoisyPairs(bank, babble=1.5)
