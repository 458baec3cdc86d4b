"""Classical restorers: they help where theory says so, and lines are interpolated exactly."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.special
from hypothesis import given
from hypothesis import strategies as st

from course_lib.audio.degrade import degrade
from course_lib.audio.files import AudioError
from course_lib.audio.restore import RESTORERS, interpolate_gaps, log_mmse, spectral_gate, wiener
from course_lib.audio.restore.noise_estimate import estimate_noise
from course_lib.audio.restore.suppression import _log_mmse_gain
from course_lib.evaluation.signal import si_sdr


@pytest.fixture(scope="module")
def string(speech_like) -> np.ndarray:
    """Six seconds of voice with pauses."""
    return speech_like.reshape(-1)


@pytest.fixture(scope="module")
def noisy(string) -> np.ndarray:
    return degrade(string, kind="gaussian", severity=0.0, rng=np.random.default_rng(0))


@pytest.mark.parametrize("given_noise", [False, True])
@pytest.mark.parametrize("name", RESTORERS)
def test_white_noise_is_reduced(name, given_noise, string, noisy):
    restored = RESTORERS[name](noisy, noise=noisy - string if given_noise else None)
    assert restored.shape == noisy.shape
    assert restored.dtype == np.float32
    assert si_sdr(string, restored) - si_sdr(string, noisy) > 6


@pytest.mark.parametrize("restore", [wiener, log_mmse])
def test_minimum_statistics_reduce_white_noise_too(restore, string, noisy):
    assert si_sdr(string, restore(noisy, estimator="minimum")) - si_sdr(string, noisy) > 5


@pytest.mark.parametrize("restore", [wiener, log_mmse])
def test_minimum_statistics_follow_a_noise_that_grows(restore, string):
    growing = np.random.default_rng(1).normal(size=len(string)) * np.geomspace(0.003, 0.06, len(string))
    x = (string + growing).astype(np.float32)
    assert si_sdr(string, restore(x, estimator="minimum")) > si_sdr(string, restore(x)) + 2


@pytest.mark.parametrize("name", RESTORERS)
def test_clean_sound_with_digital_silence_passes(name, string):
    # Pauses of exact zeros: the noise is nothing, so nothing is to be removed.
    y = string.copy()
    for start in range(0, len(y), 4000):
        y[start : start + 1000] = 0
    # A gate's smoothing rounds each onset.
    assert si_sdr(y, RESTORERS[name](y)) > (18 if name == "spectral_gate" else 30)


@pytest.mark.parametrize("name", RESTORERS)
def test_silence_stays_silent_and_lengths_stay(name):
    assert not RESTORERS[name](np.zeros(3000, np.float32)).any()
    y = np.random.default_rng(0).normal(size=1001).astype(np.float32)
    assert RESTORERS[name](y).shape == (1001,)


@pytest.mark.parametrize("name", RESTORERS)
def test_restorers_do_not_depend_on_level(name, noisy):
    assert RESTORERS[name](noisy * np.float32(0.25)) == pytest.approx(0.25 * RESTORERS[name](noisy), abs=1e-5)


@pytest.mark.parametrize("name", RESTORERS)
def test_restorers_refuse_what_they_cannot_use(name, noisy):
    before = noisy.copy()
    restore = RESTORERS[name]
    with pytest.raises(AudioError, match="511 samples; expected at least two windows, 512"):
        restore(noisy[:511])
    with pytest.raises(AudioError, match="noise has 3 samples"):
        restore(noisy, noise=noisy[:3])
    with pytest.raises(AudioError, match="NaN"):
        restore(np.where(np.arange(len(noisy)) == 5, np.nan, noisy))
    with pytest.raises(ValueError, match="received 'best'"):
        restore(noisy, estimator="best")
    assert np.array_equal(noisy, before)


def test_parameters_are_checked(noisy):
    with pytest.raises(ValueError, match="smoothing must lie between 0 and 1; received 2"):
        wiener(noisy, smoothing=2)
    with pytest.raises(ValueError, match="floor_db must lie between -60 and 0 dB; received 3"):
        log_mmse(noisy, floor_db=3)
    with pytest.raises(ValueError, match="n_std must lie between 0 and 10; received -1"):
        spectral_gate(noisy, n_std=-1)


@pytest.mark.parametrize("estimator", ["quietest", "minimum"])
def test_the_noise_estimate_of_noise_is_its_power(estimator):
    rng = np.random.default_rng(4)
    y = (0.02 * rng.normal(size=48000)).astype(np.float32)
    # Mean |STFT|^2 of white noise: its variance times the window's energy.
    expected = 0.02**2 * np.sum(np.hanning(257)[:-1] ** 2)
    given_noise = estimate_noise(y, noise=y)
    assert given_noise.shape == (1, 129)
    assert given_noise[0, 2:-2].mean() == pytest.approx(expected, rel=0.02)
    blind = estimate_noise(y, estimator=estimator)
    assert blind.shape[0] == (1 if estimator == "quietest" else 48000 // 64 + 1)
    # The quietest tenth is a little below the mean: 1 dB at most. Minimum statistics correct for it.
    assert 10 * np.log10(blind[:, 2:-2].mean() / expected) == pytest.approx(0, abs=1.2)


def test_the_log_mmse_gain_is_the_papers():
    xi = np.array([0.01, 0.1, 1.0, 10.0, 100.0])
    gamma = np.array([0.5, 1.0, 2.0, 8.0, 120.0])
    v = gamma * xi / (1 + xi)
    expected = xi / (1 + xi) * np.exp(0.5 * scipy.special.expn(1, v))
    assert _log_mmse_gain(xi, gamma) == pytest.approx(expected, rel=1e-12)
    # Never below Wiener's.
    assert (_log_mmse_gain(xi, gamma) >= xi / (1 + xi)).all()


@given(slope=st.floats(-1, 1), start=st.floats(-1, 1), seed=st.integers(0, 1000))
def test_gaps_on_a_line_are_filled_exactly(slope, start, seed):
    line = start + slope * np.linspace(0, 1, 200)
    mask = np.random.default_rng(seed).random(200) < 0.6
    mask[[0, -1]] = False
    broken = np.where(mask, np.nan, line)
    assert interpolate_gaps(broken, mask=mask) == pytest.approx(line, abs=1e-6)


def test_gaps_at_the_ends_take_the_nearest_value():
    y = np.array([9, 9, 2, 3, 9], float)
    mask = np.array([True, True, False, False, True])
    assert interpolate_gaps(y, mask=mask).tolist() == [2, 2, 2, 3, 3]


def test_gaps_in_features_along_either_axis():
    frames, bands = np.meshgrid(np.arange(12.0), np.arange(5.0), indexing="ij")
    plane = np.stack([frames + 2 * bands, 3 * frames - bands])
    mask = np.zeros(plane.shape, bool)
    mask[0, 3:6] = True
    mask[1, :, 2] = True
    damaged = np.where(mask, 0.0, plane)
    half = interpolate_gaps(damaged[:1], mask=mask[:1], axis=-2)
    assert half == pytest.approx(plane[:1], abs=1e-5)
    assert interpolate_gaps(damaged[1:], mask=mask[1:], axis=-1) == pytest.approx(plane[1:], abs=1e-5)
    with pytest.raises(ValueError, match="everything is missing along axis -2: interpolate along another"):
        interpolate_gaps(damaged, mask=mask, axis=-2)


def test_interpolation_helps_dropped_packets_a_little_and_refuses_nonsense(string):
    from course_lib.audio.degrade.missing import dropped_frames

    heard, mask = dropped_frames(string, percent=20, rng=np.random.default_rng(0), packet_seconds=0.001)
    assert si_sdr(string, interpolate_gaps(heard, mask=mask)) > si_sdr(string, heard) + 2.5
    with pytest.raises(ValueError, match=r"mask must be bool of shape \(4,\); received bool \(3,\)"):
        interpolate_gaps(np.zeros(4), mask=np.zeros(3, bool))
    with pytest.raises(ValueError, match="NaN or infinite ones outside the mask"):
        interpolate_gaps(np.array([1, np.nan]), mask=np.array([True, False]))
    with pytest.raises(ValueError, match="at least one value"):
        interpolate_gaps(np.zeros(0), mask=np.zeros(0, bool))
