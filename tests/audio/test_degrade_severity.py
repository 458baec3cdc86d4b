"""Degradations that are not noise: the severity that was asked for is the one that is there."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.signal
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.audio.degrade.distortion import band_filter, band_limit, clipping, quantise, salt_and_pepper
from course_lib.audio.degrade.missing import dropped_frames, mask_frequency, mask_time, random_gaps
from course_lib.audio.degrade.room import reverberation, room_response


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@given(percent=st.floats(0, 99), samples=st.integers(64, 2000), padding=st.integers(0, 500))
@settings(max_examples=40, deadline=None)
def test_clipping_clips_exactly_its_share(percent, samples, padding):
    y = np.pad(rng(samples).normal(size=samples).astype(np.float32) * 0.1, (0, padding))
    clipped = clipping(y, percent=percent)
    limit = np.abs(clipped).max()
    count = round(percent / 100 * samples)
    if count == 0:
        assert np.array_equal(clipped, y)
    else:
        assert np.sum(np.abs(clipped) == limit) == count
        assert np.array_equal(clipped, np.clip(y, -limit, limit))


@given(percent=st.floats(0, 100), samples=st.integers(64, 2000))
@settings(max_examples=40, deadline=None)
def test_salt_and_pepper_replaces_exactly_its_share(percent, samples):
    y = rng(samples).uniform(-0.5, 0.5, samples).astype(np.float32)
    speckled = salt_and_pepper(y, percent=percent, rng=rng())
    changed = np.flatnonzero(speckled != y)
    # The sample that is the peak may be replaced by itself.
    assert round(percent / 100 * samples) - len(changed) in (0, 1)
    assert np.abs(speckled[changed]) == pytest.approx(np.abs(y).max())


@pytest.mark.parametrize("bits", range(2, 17))
def test_quantising_uses_its_bits_and_no_more(bits):
    ramp = np.linspace(-1.2, 1.2, 200_001).astype(np.float32)
    stepped = quantise(ramp, bits=bits)
    values = np.unique(stepped)
    assert len(values) == 2**bits
    assert np.diff(values) == pytest.approx(2.0 ** (1 - bits))
    assert (values[0], values[-1]) == (-1, 1 - 2.0 ** (1 - bits))
    inside = np.abs(ramp) < 1 - 2.0 ** (1 - bits)
    assert np.abs(stepped - ramp)[inside].max() <= 2.0**-bits * 1.0001
    assert np.array_equal(quantise(stepped, bits=bits), stepped)


def test_a_bit_is_worth_six_decibels():
    y = rng().uniform(-0.99, 0.99, 100_000).astype(np.float32)
    error = [np.mean((quantise(y, bits=bits).astype(np.float64) - y) ** 2) for bits in (6, 7, 8)]
    assert 10 * np.log10(error[:-1] / np.array(error[1:])) == pytest.approx([6.02, 6.02], abs=0.1)
    with pytest.raises(ValueError, match=r"whole number from 2 to 16; received 4\.5"):
        quantise(y, bits=4.5)
    with pytest.raises(ValueError, match="bits must lie between 2 and 16; received 1"):
        quantise(y, bits=1)


@pytest.mark.parametrize(("cutoff", "low"), [(1500, 0), (3400, 300), (300, 0), (3800, 0)])
def test_the_band_edges_are_where_they_should_be(cutoff, low):
    # Measured on the sound, not on the filter: an impulse through band_limit.
    impulse = np.zeros(8001, np.float32)
    impulse[4000] = 1
    heard = band_limit(impulse, cutoff_hz=cutoff, low_hz=low)
    assert np.argmax(np.abs(heard)) == 4000
    level = 20 * np.log10(np.abs(np.fft.rfft(heard)) + 1e-12)
    frequency = np.fft.rfftfreq(8001, 1 / 8000)
    assert np.interp(cutoff, frequency, level) == pytest.approx(-6.02, abs=0.05)
    assert level[frequency >= cutoff + 100].max() < -75
    inside = frequency <= cutoff - 100
    if low:
        assert np.interp(low, frequency, level) == pytest.approx(-6.02, abs=0.05)
        assert level[frequency <= low - 100].max() < -75
        inside &= frequency >= low + 100
    assert np.abs(level[inside]).max() < 0.01


def test_band_limit_refuses_edges_it_cannot_make():
    with pytest.raises(ValueError, match="cutoff_hz must lie between 101 and 3899 Hz; received 4000"):
        band_filter(cutoff_hz=4000)
    with pytest.raises(ValueError, match="low_hz must lie between 0 and 800 Hz; received 900"):
        band_filter(cutoff_hz=1000, low_hz=900)
    with pytest.raises(ValueError, match="low_hz must be 0 or more than 100 Hz; received 50"):
        band_filter(cutoff_hz=1000, low_hz=50)


@pytest.mark.parametrize("rt60", [0.1, 0.3, 1.0, 3.0])
@pytest.mark.parametrize("ratio", [-10.0, 0.0, 12.0])
def test_the_room_decays_as_fast_as_asked(rt60, ratio):
    response = room_response(rt60=rt60, direct_to_reverberant_db=ratio, rng=rng(2))
    assert response[0] == 1
    assert not response[1:16].any()
    assert 10 * np.log10(1 / np.sum(response[1:] ** 2)) == pytest.approx(ratio, abs=1e-9)
    # Backward integration, then a line from -5 to -35 dB of the tail.
    decay = np.cumsum(response[:0:-1] ** 2)[::-1]
    level = 10 * np.log10(decay / decay[0])
    used = np.flatnonzero((level <= -5) & (level >= -35))
    slope = np.polyfit(used / 8000, level[used], 1)[0]
    assert -60 / slope == pytest.approx(rt60, rel=2e-3)


def test_reverberation_is_a_convolution_that_keeps_the_direct_sound(speech_like):
    y = speech_like[0]
    response = room_response(rt60=0.4, rng=rng(3), direct_to_reverberant_db=3)
    heard = reverberation(y, rt60=0.4, rng=rng(3), direct_to_reverberant_db=3)
    expected = scipy.signal.convolve(y.astype(np.float64), response)[: len(y)]
    assert heard == pytest.approx(expected, abs=1e-6)
    assert heard[:16] == pytest.approx(y[:16], abs=1e-7)


@given(
    total=st.integers(1, 300), share=st.floats(0, 1), width=st.integers(1, 40), seed=st.integers(0, 10_000)
)
def test_gaps_are_exactly_as_many_as_asked(total, share, width, seed):
    missing = round(share * total)
    mask = random_gaps(total, missing=missing, width=width, rng=rng(seed))
    assert mask.shape == (total,)
    assert mask.sum() == missing
    runs = np.diff(np.flatnonzero(np.diff(np.r_[0, mask.astype(int), 0])))[::2]
    # Stretches may touch, and one is shorter where width does not divide: never more runs than stretches.
    assert len(runs) <= -(-missing // width)


def test_gaps_are_spread_evenly():
    count = sum(random_gaps(20, missing=6, width=1, rng=rng(seed)).astype(int) for seed in range(4000))
    # Binomial: mean 1200, standard deviation 29.
    assert np.abs(count - 1200).max() < 4.5 * 29


@pytest.mark.parametrize("percent", [0, 10, 33.3, 100])
@pytest.mark.parametrize("samples", [8192, 8000, 8001])
def test_dropped_frames_are_exact_and_marked(percent, samples):
    y = rng(7).uniform(0.1, 0.5, samples).astype(np.float32)
    heard, mask = dropped_frames(y, percent=percent, rng=rng())
    packets = -(-samples // 160)
    lost = [mask[start : start + 160] for start in range(0, samples, 160)]
    assert all(packet.all() or not packet.any() for packet in lost)
    assert sum(packet.all() for packet in lost) == round(percent / 100 * packets)
    assert np.array_equal(heard == 0, mask)
    assert np.array_equal(heard[~mask], y[~mask])


def test_dropped_frames_checks_the_packet():
    with pytest.raises(ValueError, match="packet_seconds must lie between"):
        dropped_frames(np.ones(100, np.float32), percent=10, rng=rng(), packet_seconds=0.02)


@pytest.mark.parametrize(("function", "axis"), [(mask_time, 1), (mask_frequency, 2)])
def test_feature_masks_are_exact_for_each_clip(function, axis):
    features = rng(1).normal(size=(5, 128, 64)).astype(np.float32)
    masked, mask = function(features, percent=30, rng=rng(), width=5)
    lines = mask.all(axis=3 - axis)
    assert np.array_equal(mask.any(axis=3 - axis), lines)
    assert (lines.sum(axis=1) == round(0.3 * features.shape[axis])).all()
    assert len(np.unique(lines, axis=0)) > 1
    assert np.array_equal(masked[~mask], features[~mask])
    for clip in range(5):
        assert (masked[clip][mask[clip]] == features[clip].min()).all()
    filled, _ = function(features[0], percent=30, rng=rng(), fill=9.0)
    assert filled.shape == (128, 64)
    assert filled.max() == 9.0


def test_gap_arguments_are_checked():
    with pytest.raises(ValueError, match="missing must lie between 0 and 5; received 6"):
        random_gaps(5, missing=6, width=1, rng=rng())
    with pytest.raises(ValueError, match="width must be at least 1; received 0"):
        random_gaps(5, missing=1, width=0, rng=rng())
