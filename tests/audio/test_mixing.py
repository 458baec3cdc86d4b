"""Two sounds at an exact ratio; sounds in a row."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.audio.files import AudioError
from course_lib.audio.level import active_rms
from course_lib.audio.mixing import join, mix, shift


def energy_ratio(sources) -> float:
    power = np.sum(sources.astype(np.float64) ** 2, axis=1)
    return float(10 * np.log10(power[0] / power[1]))


@settings(max_examples=40, deadline=None)
@given(snr_db=st.floats(-40, 40), seed=st.integers(0, 10_000), gain=st.floats(1e-3, 10))
def test_a_mixture_has_its_ratio_and_is_the_sum_of_its_sources(snr_db, seed, gain):
    rng = np.random.default_rng(seed)
    target, other = (0.1 * rng.normal(size=(2, 700))).astype(np.float32)
    mixture, sources = mix(target, np.float32(gain) * other, snr_db=snr_db)
    assert energy_ratio(sources) == pytest.approx(snr_db, abs=1e-4)
    assert np.array_equal(sources[0], target)
    assert mixture == pytest.approx(sources.sum(axis=0), abs=1e-6 * max(1, float(np.abs(sources).max())))


def test_the_active_level_ignores_pauses_of_both(speech_like):
    target = np.pad(speech_like[0, :3000], (0, 5192))
    _, sources = mix(target, speech_like[1], snr_db=3, level="active")
    assert 20 * np.log10(active_rms(sources[0]) / active_rms(sources[1])) == pytest.approx(3, abs=1e-3)
    assert energy_ratio(sources) < 2


def test_inputs_are_untouched_and_checked(speech_like):
    target, other = speech_like[:2].copy()
    mix(target, other, snr_db=-5)
    assert np.array_equal([target, other], speech_like[:2])
    with pytest.raises(AudioError, match="other is silent"):
        mix(target, np.zeros_like(target))
    with pytest.raises(AudioError, match="equally long; received 8192 and 100 samples"):
        mix(target, other[:100])
    with pytest.raises(AudioError, match="target holds 8192 NaN"):
        mix(np.full(8192, np.nan), other)
    with pytest.raises(ValueError, match="snr_db must lie between -60 and 60 dB; received 99"):
        mix(target, other, snr_db=99)


def test_shift_moves_later_and_keeps_the_length():
    y = np.arange(1, 6, dtype=np.float32)
    assert shift(y, samples=2).tolist() == [0, 0, 1, 2, 3]
    assert shift(y, samples=0).tolist() == y.tolist()
    assert not shift(y, samples=5).any()
    with pytest.raises(ValueError, match="between 0 and 5; received -1"):
        shift(y, samples=-1)


def test_join_puts_a_silence_after_each():
    joined = join([np.ones(10, np.float32), np.full(5, 2, np.float32)], gap_seconds=0.001)
    assert joined.tolist() == [1] * 10 + [0] * 8 + [2] * 5 + [0] * 8
    with pytest.raises(AudioError, match="at least one sound"):
        join([])
    with pytest.raises(AudioError, match=r"parts\[1\] is empty"):
        join([np.ones(3), np.ones(0)])
