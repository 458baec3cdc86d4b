"""Mixtures and noisy strings: never the same speaker or clip, exact ratios, repeatable."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from course_lib.data.clips import Clips
from course_lib.data.mixtures import draw_pairs, mix_pairs, random_mixtures
from course_lib.data.noisy_strings import noisy_string, talkers


def make_clips(speakers=("ann", "bob", "cem"), takes: int = 2, seed: int = 0) -> Clips:
    """Ten digits of each speaker: noise of different lengths, padded with zeros."""
    rows = [(digit, who, take) for who in speakers for digit in range(10) for take in range(takes)]
    rng = np.random.default_rng(seed)
    length = rng.integers(2000, 6000, size=len(rows))
    y = (0.1 * rng.normal(size=(len(rows), 8192))).astype(np.float32)
    y[np.arange(8192) >= length[:, None]] = 0
    return Clips(
        y=y,
        label=np.array([row[0] for row in rows]),
        speaker=np.array([row[1] for row in rows]),
        take=np.array([row[2] for row in rows]),
        name=["{}_{}_{}.wav".format(*row) for row in rows],
        length=length,
        sr=8000,
        dataset="made",
        sha256="0" * 64,
    )


@pytest.fixture(scope="module")
def clips() -> Clips:
    return make_clips()


@settings(max_examples=30, deadline=None)
@given(
    speaker=st.lists(st.sampled_from("abcd"), min_size=4, max_size=40),
    seed=st.integers(0, 1000),
    data=st.data(),
)
def test_no_pair_shares_a_speaker_or_a_digit(speaker, seed, data):
    label = data.draw(st.lists(st.integers(0, 9), min_size=len(speaker), max_size=len(speaker)))
    label, speaker = np.array(label), np.array(speaker)
    # Each clip needs somebody else with another digit; what happens without is tested below.
    partners = (label[:, None] != label) & (speaker[:, None] != speaker)
    assume(partners.any(axis=1).all())
    pairs = draw_pairs(label, speaker, 50, rng=np.random.default_rng(seed))
    assert pairs.shape == (50, 2)
    assert (speaker[pairs[:, 0]] != speaker[pairs[:, 1]]).all()
    assert (label[pairs[:, 0]] != label[pairs[:, 1]]).all()


def test_targets_are_balanced_and_take_turns(clips):
    pairs = draw_pairs(clips.label, clips.speaker, 60, rng=np.random.default_rng(1))
    assert np.bincount(clips.label[pairs[:, 0]]).tolist() == [6] * 10
    assert len(set(pairs[:, 0].tolist())) == 60
    more = draw_pairs(clips.label, clips.speaker, 65, rng=np.random.default_rng(1))
    assert set(np.bincount(clips.label[more[:, 0]])) == {6, 7}


def test_pairs_that_cannot_be_are_refused():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match=r"two different speakers; received \['a'\]"):
        draw_pairs([0, 1], ["a", "a"], 1, rng=rng)
    with pytest.raises(ValueError, match=r"two different digits; received \[3\]"):
        draw_pairs([3, 3], ["a", "b"], 1, rng=rng)
    with pytest.raises(ValueError, match="no clip by somebody else with another digit"):
        draw_pairs([3, 3, 4], ["a", "b", "b"], 6, rng=rng)
    with pytest.raises(ValueError, match=r"a label and a speaker a clip; received \(2,\) and \(3,\)"):
        draw_pairs([3, 3], ["a", "b", "b"], 6, rng=rng)
    with pytest.raises(ValueError, match="count must be at least 0"):
        draw_pairs([3, 4], ["a", "b"], -1, rng=rng)


@pytest.mark.parametrize("place", [0.0, 0.5, 1.0, -0.3, -1.0])
@pytest.mark.parametrize("snr_db", [-6.0, 0.0, 4.5])
def test_a_mixture_is_exact_whole_and_where_it_should_be(place, snr_db, clips):
    pairs = draw_pairs(clips.label, clips.speaker, 8, rng=np.random.default_rng(2))
    mixed = mix_pairs(clips, pairs, snr_db=snr_db, place=place)
    assert len(mixed) == 8
    power = np.sum(mixed.sources.astype(np.float64) ** 2, axis=2)
    assert 10 * np.log10(power[:, 0] / power[:, 1]) == pytest.approx(snr_db * np.ones(8), abs=1e-3)
    assert np.abs(mixed.mixture - mixed.sources.sum(axis=1)).max() < 1e-6
    room = 8192 - clips.length[pairs]
    assert mixed.offset[:, 0].tolist() == np.floor(max(-place, 0) * room[:, 0]).tolist()
    assert mixed.offset[:, 1].tolist() == np.floor(max(place, 0) * room[:, 1]).tolist()
    for row, (target, other) in enumerate(pairs):
        late = mixed.offset[row, 0]
        assert np.array_equal(mixed.sources[row, 0, late:], clips.y[target, : 8192 - late])
        # Nothing of the other word is cut: the same number of samples sound.
        assert np.count_nonzero(mixed.sources[row, 1]) == np.count_nonzero(clips.y[other])
    assert np.array_equal(mixed.label, clips.label[pairs])
    assert mixed.name[0].tolist() == [clips.name[i] for i in pairs[0]]


def test_random_mixtures_repeat_and_vary(clips):
    before = clips.y.copy()
    first, again, other = (
        random_mixtures(clips, 30, rng=np.random.default_rng(seed), snr_db=(-3, 6)) for seed in (1, 1, 2)
    )
    assert np.array_equal(first.mixture, again.mixture)
    assert not np.array_equal(first.name, other.name)
    assert first.snr_db.min() >= -3
    assert first.snr_db.max() <= 6
    assert np.ptp(first.snr_db) > 4
    assert (first.offset.min(axis=1) == 0).all()
    assert (first.offset.max(axis=1) > 0).sum() > 25
    assert (first.speaker[:, 0] != first.speaker[:, 1]).all()
    assert np.array_equal(clips.y, before)
    aligned = random_mixtures(clips, 10, rng=np.random.default_rng(1), snr_db=2.0, aligned=True)
    assert not aligned.offset.any()
    assert (aligned.snr_db == 2).all()


def test_nonsense_is_refused(clips):
    with pytest.raises(ValueError, match="two different speakers; received a pair by one"):
        mix_pairs(clips, [[0, 2]], snr_db=0, place=0)
    with pytest.raises(ValueError, match="place must lie between -1 and 1"):
        mix_pairs(clips, [[0, 22]], snr_db=0, place=1.5)
    with pytest.raises(ValueError, match="place must lie between -1 and 1"):
        mix_pairs(clips, [[0, 22]], snr_db=0, place=np.nan)


@pytest.mark.parametrize("kind", ["gaussian", "pink", "babble"])
def test_a_noisy_string_is_exact_and_repeats(kind, clips):
    members = np.flatnonzero((clips.speaker == "bob") & (clips.take == 1))
    string, again, other = (
        noisy_string(clips, members, kind=kind, snr_db=3.0, seed=seed) for seed in (5, 5, 6)
    )
    assert np.array_equal(string.noisy, again.noisy)
    assert not np.array_equal(string.noisy, other.noisy)
    assert len(string.clean) == clips.length[members].sum() + 10 * 400
    assert string.label.tolist() == list(range(10))
    assert string.speaker == "bob"
    noise = string.noisy.astype(np.float64) - string.clean
    ratio = 10 * np.log10(np.sum(string.clean.astype(np.float64) ** 2) / np.sum(noise**2))
    assert ratio == pytest.approx(3.0, abs=1e-3)


def test_nobody_babbles_over_himself(clips):
    # The voices are told apart by what they say: every sample of one speaker has his own sign.
    sign = {"ann": 1, "bob": 2, "cem": 3}
    marked = Clips(
        **{
            **vars(clips),
            "y": np.array(
                [
                    np.where(np.arange(8192) < n, sign[s], 0)
                    for n, s in zip(clips.length, clips.speaker, strict=True)
                ],
                np.float32,
            ),
        }
    )
    voices = talkers(marked, without="bob", voices=6, rng=np.random.default_rng(0))
    said = [set(np.unique(voice).tolist()) for voice in voices]
    assert sorted(value for one in said for value in one) == [1, 1, 1, 3, 3, 3]
    with pytest.raises(ValueError, match="nobody else"):
        talkers(clips.select(clips.speaker == "bob"), without="bob", rng=np.random.default_rng(0))


def test_a_string_has_one_speaker(clips):
    with pytest.raises(ValueError, match="spoken by one speaker; received ann, bob"):
        noisy_string(clips, [0, 20], kind="pink", snr_db=0, seed=0)
    with pytest.raises(ValueError, match="spoken by one speaker; received no clips"):
        noisy_string(clips, [], kind="pink", snr_db=0, seed=0)
    with pytest.raises(ValueError, match="unknown degradation 'rain'"):
        noisy_string(clips, [0, 1], kind="rain", snr_db=0, seed=0)
