"""Levels and exact ratios."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.audio.files import AudioError
from course_lib.audio.level import active_rms, add_at_snr, check_number, rms
from course_lib.data import clips


def snr(y, noisy) -> float:
    y = y.astype(np.float64)
    return float(10 * np.log10(np.sum(y**2) / np.sum((noisy - y) ** 2)))


@settings(max_examples=40, deadline=None)
@given(
    snr_db=st.floats(-40, 60),
    level=st.floats(1e-3, 0.9),
    samples=st.integers(64, 3000),
    seed=st.integers(0, 2**32 - 1),
)
def test_the_ratio_is_exact_at_any_level_and_length(snr_db, level, samples, seed):
    rng = np.random.default_rng(seed)
    y = (level * rng.uniform(-1, 1, samples)).astype(np.float32)
    noisy = add_at_snr(y, rng.normal(size=samples), snr_db=snr_db)
    assert noisy.dtype == np.float32
    assert snr(y, noisy) == pytest.approx(snr_db, abs=1e-3)


def test_active_level_does_not_see_padding():
    rng = np.random.default_rng(0)
    word = (0.1 * rng.normal(size=3200)).astype(np.float32)
    padded = np.pad(word, (0, 4800))
    assert rms(padded, level="active") == pytest.approx(rms(word, level="active"), rel=1e-9)
    assert rms(padded) == pytest.approx(rms(word) * np.sqrt(3200 / 8000), rel=1e-6)
    noise = rng.normal(size=8000)
    by_clip, by_speech = (add_at_snr(padded, noise, snr_db=0, level=level) for level in ("clip", "active"))
    # 3200 of 8000 samples speak: 3.98 dB more noise.
    assert snr(padded, by_clip) - snr(padded, by_speech) == pytest.approx(
        10 * np.log10(8000 / 3200), abs=0.01
    )


def test_active_level_is_the_one_that_clips_are_normalised_by(speech_like):
    for y in speech_like:
        assert active_rms(y) == pytest.approx(clips.active_rms(y), rel=1e-12)
    assert active_rms(np.zeros(500)) == 0.0


def test_unusable_sounds_and_numbers_are_named():
    y = np.ones(100, np.float32)
    with pytest.raises(AudioError, match="y is silent"):
        add_at_snr(np.zeros(100, np.float32), y, snr_db=0)
    with pytest.raises(AudioError, match="has 63 samples; expected at least 64"):
        add_at_snr(y[:63], y[:63], snr_db=0)
    with pytest.raises(AudioError, match="1 NaN"):
        add_at_snr(np.r_[y, np.float32(np.nan)], np.ones(101), snr_db=0)
    with pytest.raises(AudioError, match="noise is silent or not finite"):
        add_at_snr(y, np.zeros(100), snr_db=0)
    with pytest.raises(AudioError, match="noise is silent or not finite"):
        add_at_snr(y, np.full(100, np.nan), snr_db=0)
    with pytest.raises(ValueError, match=r"shape of y, \(100,\); received \(99,\)"):
        add_at_snr(y, y[:99], snr_db=0)
    with pytest.raises(ValueError, match="level must be one of clip, active; received 'loud'"):
        add_at_snr(y, y, snr_db=0, level="loud")
    with pytest.raises(ValueError, match="between -60 and 100 dB; received nan"):
        add_at_snr(y, y, snr_db=float("nan"))
    with pytest.raises(ValueError, match="between 0 and 1; received None"):
        check_number(None, name="share", low=0, high=1)
