"""Spectral distances against closed forms and against librosa."""

from __future__ import annotations

import librosa
import numpy as np
import pytest

from course_lib.evaluation.spectral import log_mel_distance, log_spectral_distance, spectral_convergence


@pytest.fixture(scope="module")
def noise() -> np.ndarray:
    # Loud enough everywhere that no bin meets the floor.
    return np.random.default_rng(0).normal(scale=0.2, size=8192)


def test_equal_sounds_are_at_no_distance(noise):
    assert log_mel_distance(noise, noise, sr=8000) == 0
    assert log_spectral_distance(noise, noise) == 0
    assert spectral_convergence(noise, noise) == 0


@pytest.mark.parametrize("gain", [0.5, 0.8, 2.0])
def test_a_gain_is_its_logarithm(noise, gain):
    assert log_mel_distance(noise, gain * noise, sr=8000) == pytest.approx(abs(np.log(gain)), rel=1e-3)
    assert log_spectral_distance(noise, gain * noise) == pytest.approx(abs(20 * np.log10(gain)), rel=1e-3)
    assert spectral_convergence(noise, gain * noise) == pytest.approx(abs(1 - gain), rel=1e-4)


def test_silence_is_at_the_floor_and_sign_does_not_matter(noise):
    assert spectral_convergence(noise, 0 * noise) == pytest.approx(1.0)
    assert log_mel_distance(noise, -noise, sr=8000) == 0
    # A click of -60 dB against silence counts as far as the floor reaches, not to minus infinity.
    assert log_spectral_distance(noise, 0 * noise) < 80


def test_agrees_with_librosa(noise):
    other = noise + np.random.default_rng(1).normal(scale=0.05, size=8192)

    def power(y):
        return np.abs(librosa.stft(y, n_fft=256, hop_length=64, pad_mode="constant"))[:, :-1] ** 2

    # The floor of -80 dB re full scale: a full-scale sine has magnitude 64 in a window of 256.
    floor = (64 * 1e-4) ** 2
    levels = [librosa.power_to_db(power(y), amin=floor, top_db=None) for y in (noise, other)]
    expected = np.sqrt(((levels[0] - levels[1]) ** 2).mean(axis=0)).mean()
    assert log_spectral_distance(noise, other) == pytest.approx(expected, rel=1e-4)
    a, b = np.sqrt(power(noise)), np.sqrt(power(other))
    assert spectral_convergence(noise, other) == pytest.approx(
        np.linalg.norm(a - b) / np.linalg.norm(a), rel=1e-4
    )


def test_any_length_is_padded(noise):
    assert log_mel_distance(noise[:1001], 0.5 * noise[:1001], sr=8000) > 0


def test_more_noise_is_further(noise):
    rng = np.random.default_rng(2)
    added = rng.normal(size=8192)
    for metric in (lambda a, b: log_mel_distance(a, b, sr=8000), log_spectral_distance, spectral_convergence):
        distances = [metric(noise, noise + level * added) for level in (0.01, 0.1, 1.0)]
        assert distances == sorted(distances)


def test_a_silent_reference_is_refused():
    with pytest.raises(ValueError, match="the reference is silent"):
        spectral_convergence(np.zeros(1000), np.ones(1000))
