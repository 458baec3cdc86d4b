"""A recording of any length becomes a clip: same length, same level, same onset, whatever came in."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.audio.files import AudioError
from course_lib.data.clips import (
    ONSET_SECONDS,
    Clips,
    active_rms,
    find_speech,
    normalise_level,
    place,
    prepare,
    trim,
)

ONSET = round(ONSET_SECONDS * 8000)


def sound(seed: int, samples: int) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-0.5, 0.5, samples).astype(np.float32)


def spoken(*, before: int = 2000, after: int = 1500, samples: int = 3000, noise: float = 1e-4) -> np.ndarray:
    """A buzz of ``samples`` that begins at ``before``, in faint noise."""
    t = np.arange(samples) / 8000
    buzz = sum(np.sin(2 * np.pi * 130 * k * t) / k for k in range(1, 12))
    y = np.concatenate([np.zeros(before), 0.1 * buzz, np.zeros(after)])
    return (y + noise * np.random.default_rng(0).normal(size=len(y))).astype(np.float32)


@given(samples=st.integers(1, 20_000), n_samples=st.integers(513, 10_000), part=st.floats(0, 0.999))
@settings(max_examples=60, deadline=None)
def test_place_keeps_the_length_and_puts_the_onset_at_64_ms(samples, n_samples, part):
    y = sound(samples, samples)
    onset = int(part * samples)
    clip = place(y, n_samples, onset=onset)
    assert clip.shape == (n_samples,)
    assert clip.dtype == np.float32
    begin = ONSET - onset
    # Away from the two cuts, which are faded over 8 ms, every sample is where it belongs, unchanged.
    inside = np.arange(max(0, begin) + 64, min(n_samples, begin + samples) - 64)
    np.testing.assert_array_equal(clip[inside], y[inside - begin])
    assert not clip[: max(0, begin)].any()
    assert not clip[max(0, begin + samples) :].any()


def test_place_says_what_it_expects():
    with pytest.raises(ValueError, match="onset must lie in \\[0, 100\\); received 100"):
        place(sound(1, 100), onset=100)
    with pytest.raises(ValueError, match="must exceed the onset's place, 512; received 512"):
        place(sound(1, 100), 512)


@given(
    samples=st.integers(200, 6000),
    gain=st.floats(1e-4, 1.0),
    rms_db=st.floats(-40, -12),
    seed=st.integers(0, 99),
)
@settings(max_examples=60, deadline=None)
def test_level_is_exact_at_any_gain(samples, gain, rms_db, seed):
    y = normalise_level(sound(seed, samples) * np.float32(gain), rms_db=rms_db)
    assert active_rms(y) == pytest.approx(10 ** (rms_db / 20), rel=1e-4)


def test_level_yields_to_the_peak():
    y = np.zeros(4000, np.float32)
    y[::400] = 0.3
    loud = normalise_level(y, rms_db=-6)
    assert np.abs(loud).max() == pytest.approx(1.0, abs=1e-6)
    assert active_rms(loud) < 10 ** (-6 / 20)


def test_pauses_do_not_count_in_the_level():
    y = spoken(before=100, after=100)
    assert active_rms(y) == pytest.approx(active_rms(spoken(before=9000, after=9000)), rel=0.03)


def test_silence_stays_silence():
    assert not normalise_level(np.zeros(100, np.float32)).any()


@given(samples=st.integers(1, 12_000), seed=st.integers(0, 50))
@settings(max_examples=40, deadline=None)
def test_trim_never_lengthens_and_never_invents(samples, seed):
    y = sound(seed, samples) * np.float32(0.1)
    cut = trim(y)
    assert 0 < len(cut) <= len(y)
    assert np.abs(cut).max() <= np.abs(y).max()


@pytest.mark.parametrize("before", [0, 37, 801, 4000])
@pytest.mark.parametrize("gain", [1.0, 0.02])
def test_onset_is_found_within_7_ms_wherever_and_however_loud(before, gain):
    begin, end = find_speech(spoken(before=before) * np.float32(gain))
    # A frame of 12 ms touches the sound up to 6 ms before it begins; the search goes in steps of 2 ms.
    assert abs(begin - before) <= 56
    assert abs(end - (before + 3000)) <= 64


@given(before=st.integers(300, 5000), gain=st.floats(0.003, 5.0), offset=st.floats(-0.3, 0.3))
@settings(max_examples=30, deadline=None)
def test_prepare_does_not_depend_on_place_gain_or_offset(before, gain, offset):
    reference, reference_length = prepare(spoken(before=1000, noise=0))
    clip, length = prepare(spoken(before=before, noise=0) * np.float32(gain) + np.float32(offset))
    # The step of the search is 2 ms, so a shift that is no multiple of it may move the onset by as much.
    shifts = range(-16, 17)
    errors = [np.abs(np.roll(clip, shift) - reference).max() for shift in shifts]
    assert min(errors) < 0.01 * np.abs(reference).max()
    assert abs(length - reference_length) <= 32


def test_prepare_pads_with_exact_zeros_and_says_where():
    clip, length = prepare(spoken())
    assert ONSET < length < 8192
    assert not clip[length:].any()
    assert np.abs(clip[length - 300 : length]).max() > 0
    assert active_rms(clip) == pytest.approx(10 ** (-22 / 20), rel=0.02)


def test_quiet_speakers_come_out_like_loud_ones():
    """Two speakers of FSDD are 5 to 8 times quieter than the others."""
    loud, _ = prepare(spoken())
    quiet, _ = prepare(spoken() / 8)
    np.testing.assert_allclose(quiet, loud, atol=1e-5)


def test_a_click_before_the_word_does_not_set_its_onset():
    y = spoken(before=4000)
    clicked = y.copy()
    clicked[1000:1200] += 0.05 * np.sin(np.arange(200))
    assert find_speech(clicked) == find_speech(y)


def test_the_burst_after_a_closure_belongs_to_the_word():
    """The "t" of "eight" comes up to 0.2 s after the vowel, and may be sharper than it."""
    y = spoken(after=4000)
    burst = slice(2000 + 3000 + 1500, 2000 + 3000 + 1500 + 300)
    y[burst] += sound(3, 300) * 0.3
    begin, end = find_speech(y)
    assert abs(begin - 2000) <= 56
    assert abs(end - burst.stop) <= 64


def test_longer_sounds_are_cut_with_a_fade():
    clip, length = prepare(spoken(samples=16_000))
    assert length == 8192
    assert np.abs(clip[-4:]).max() < 0.02 * np.abs(clip).max()


def test_prepare_is_deterministic():
    np.testing.assert_array_equal(prepare(spoken())[0], prepare(spoken())[0])


@pytest.mark.parametrize(
    ("y", "says"),
    [
        (np.zeros(4000, np.float32), "silent"),
        (np.full(4000, 0.5, np.float32), "silent"),
        (np.zeros(0, np.float32), "empty"),
        (np.zeros((2, 4000), np.float32), "mono with shape"),
        (np.full(4000, np.nan, np.float32), "NaN"),
        (np.ones(4000, np.int16), "floating point"),
    ],
)
def test_prepare_refuses_what_is_no_word(y, says):
    with pytest.raises(AudioError, match=says):
        prepare(y)


def clips_of(count: int) -> Clips:
    return Clips(
        y=np.arange(count, dtype=np.float32)[:, None] * np.ones((1, 8), np.float32),
        label=np.arange(count) % 10,
        speaker=np.array([f"s{i % 3}" for i in range(count)]),
        take=np.arange(count) // 10,
        name=[f"{i}.wav" for i in range(count)],
        length=np.full(count, 8),
        sr=8000,
        dataset="digits",
        sha256="0" * 64,
    )


@given(st.lists(st.integers(0, 19), max_size=30))
def test_select_keeps_rows_together(index):
    chosen = clips_of(20).select(index)
    assert len(chosen) == len(index)
    assert chosen.name == [f"{i}.wav" for i in index]
    np.testing.assert_array_equal(chosen.y[:, 0], index)
    np.testing.assert_array_equal(chosen.label, np.array(index, int) % 10)


def test_select_takes_a_mask_of_the_right_length_only():
    clips = clips_of(20)
    assert len(clips.select(clips.label == 3)) == 2
    with pytest.raises(ValueError, match="mask of shape \\(20,\\); received \\(19,\\)"):
        clips.select(np.ones(19, bool))


def test_fields_of_different_lengths_are_refused():
    clips = clips_of(4)
    with pytest.raises(ValueError, match="expected 4 values of label; received 3"):
        Clips(
            clips.y, clips.label[:3], clips.speaker, clips.take, clips.name, clips.length, 8000, "digits", ""
        )
