"""Spectral distances against closed forms, against librosa, and against their formulas written out."""

from __future__ import annotations

import librosa
import numpy as np
import pytest

from course_lib.audio.mel import mel_filters
from course_lib.evaluation.spectral import (
    log_mel_distance,
    log_spectral_distance,
    mel_cepstral_distortion,
    spectral_convergence,
)


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


N_FFT, HOP = 64, 16


def _pair(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Coloured noises of any length and level, some with silence, some nearly alike."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 900))
    x = np.convolve(rng.normal(size=n), rng.normal(size=8), "same")[:n] * 10 ** rng.uniform(-3, 0) + 1e-6
    y = x * rng.choice([0.0, -1.0, 0.7]) + rng.normal(size=n) * 10 ** rng.uniform(-5, 0)
    if seed % 4 == 0:
        y[n // 2 :] = 0
    return x, y


def _magnitude(y: np.ndarray) -> np.ndarray:
    """A Fourier sum for each frame, centred on multiples of the hop, re full scale."""
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(N_FFT) / N_FFT)
    padded = np.pad(y, (N_FFT // 2, N_FFT + HOP))
    waves = np.exp(-2j * np.pi * np.outer(np.arange(N_FFT), np.arange(N_FFT // 2 + 1)) / N_FFT)
    frames = [padded[k * HOP : k * HOP + N_FFT] * window for k in range(-(-len(y) // HOP))]
    return np.abs(np.array(frames) @ waves) / (window.sum() / 2)


def _decibels(magnitude: np.ndarray) -> np.ndarray:
    return 20 * np.log10(np.maximum(magnitude, 1e-4))


@pytest.mark.parametrize("seed", range(24))
def test_spectral_metrics_are_their_formulas(seed):
    x, y = _pair(seed)
    a, b = _magnitude(x), _magnitude(y)
    sizes = {"n_fft": N_FFT, "hop_length": HOP}
    difference = _decibels(a) - _decibels(b)
    by_frame = [np.sqrt(sum(d * d for d in row) / len(row)) for row in difference]
    assert log_spectral_distance(x, y, **sizes) == pytest.approx(np.mean(by_frame), rel=1e-3, abs=1e-3)
    expected = np.sqrt(((a - b) ** 2).sum()) / np.sqrt((a**2).sum())
    assert spectral_convergence(x, y, **sizes) == pytest.approx(expected, rel=1e-3)
    filters = mel_filters(sr=8000, n_fft=N_FFT, n_mels=12)
    nepers = [np.log(np.maximum(s @ filters, 1e-4)) for s in (a, b)]
    distance = log_mel_distance(x, y, sr=8000, n_mels=12, **sizes)
    assert distance == pytest.approx(np.mean(np.abs(nepers[0] - nepers[1])), rel=1e-3, abs=1e-4)


def _cepstra_in_words(y: np.ndarray, n_mels: int, n_coefficients: int) -> np.ndarray:
    """c1.. of log |S| = c0 + sum_d c_d cos(d w), by the definition of a cosine series on n_mels points."""
    logs = np.log(np.maximum(_magnitude(y) @ mel_filters(sr=8000, n_fft=N_FFT, n_mels=n_mels), 1e-4))
    angles = np.pi * (np.arange(n_mels) + 0.5) / n_mels
    return np.array(
        [
            [2 / n_mels * np.sum(frame * np.cos(d * angles)) for d in range(1, n_coefficients + 1)]
            for frame in logs
        ]
    )


@pytest.mark.parametrize("seed", range(24))
def test_mel_cepstral_distortion_is_the_formula(seed):
    x, y = _pair(seed)
    c, c_hat = (_cepstra_in_words(signal, 12, 5) for signal in (x, y))
    frames = [np.sqrt(np.sum((a - b) ** 2)) for a, b in zip(c, c_hat, strict=True)]
    expected = 10 * np.sqrt(2) / np.log(10) * np.mean(frames)
    made = mel_cepstral_distortion(x, y, sr=8000, n_fft=N_FFT, hop_length=HOP, n_mels=12, n_coefficients=5)
    assert made == pytest.approx(expected, rel=1e-3, abs=1e-3)


def test_all_cepstra_are_the_difference_of_log_mel_spectra_without_its_mean(noise):
    other = noise + np.random.default_rng(5).normal(scale=0.1, size=8192)

    def log_mel(y):
        magnitude = np.abs(librosa.stft(y, n_fft=256, hop_length=64, pad_mode="constant"))[:, :-1].T / 64
        return 20 * np.log10(np.maximum(magnitude @ mel_filters(sr=8000, n_fft=256, n_mels=20), 1e-4))

    difference = log_mel(noise) - log_mel(other)
    difference -= difference.mean(axis=1, keepdims=True)
    rms = np.sqrt((difference**2).mean(axis=1)).mean()
    # The last cosine of n points has half the energy of the others: exact but for that.
    assert mel_cepstral_distortion(noise, other, sr=8000, n_mels=20, n_coefficients=19) == pytest.approx(
        rms, rel=1e-3
    )


def test_a_gain_is_no_mel_cepstral_distortion(noise):
    assert mel_cepstral_distortion(noise, noise, sr=8000) == 0
    assert mel_cepstral_distortion(noise, 0.3 * noise, sr=8000) == pytest.approx(0, abs=1e-3)


def test_time_warping_forgives_another_pace(noise):
    tones = [np.sin(2 * np.pi * f * np.arange(4000) / 8000) for f in (300, 900, 2000, 500)]
    slow = np.concatenate(tones)
    fast = np.concatenate([tone[:2400] for tone in tones])
    warped = mel_cepstral_distortion(slow, fast, sr=8000, dtw=True)
    straight = mel_cepstral_distortion(slow[: len(fast)], fast, sr=8000)
    assert warped < 0.1 * straight
    with pytest.raises(ValueError, match="equally long; received 16000 and 9600 samples: cut the longer"):
        mel_cepstral_distortion(slow, fast, sr=8000)
    # Nothing to align: the diagonal is the best path, and both ways agree.
    other = noise + np.random.default_rng(6).normal(scale=1e-3, size=8192)
    assert mel_cepstral_distortion(noise, other, sr=8000, dtw=True) == pytest.approx(
        mel_cepstral_distortion(noise, other, sr=8000), rel=1e-6
    )


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"n_coefficients": 64}, r"between 1 and n_mels - 1 = 63; received 64"),
        ({"n_coefficients": 0}, "received 0"),
        ({"n_fft": 255}, "n_fft must be an even number from 4; received 255"),
        ({"hop_length": 0}, "hop_length must lie between 1 and n_fft = 256; received 0"),
        ({"sr": -1}, "sr must be a positive sampling rate in Hz; received -1"),
    ],
)
def test_sizes_are_checked(noise, settings, message):
    with pytest.raises(ValueError, match=message):
        mel_cepstral_distortion(noise, noise, **{"sr": 8000, **settings})


def test_time_warping_of_a_long_sound_says_what_to_do():
    long = np.random.default_rng(0).normal(size=64 * 4001)
    with pytest.raises(ValueError, match=r"at most 4000 frames; received 4001: .* longer hop_length"):
        mel_cepstral_distortion(long, long, sr=8000, dtw=True)
