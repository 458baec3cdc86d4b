"""The filter bank against librosa's, and its inverse."""

from __future__ import annotations

import librosa
import numpy as np
import pytest

from course_lib.audio.mel import mel_filters, mel_to_stft
from course_lib.audio.stft import stft


def test_filters_are_librosas_with_unit_sums():
    ours = mel_filters(sr=8000, n_fft=512, n_mels=40)
    theirs = librosa.filters.mel(sr=8000, n_fft=512, n_mels=40, norm=None).T
    assert ours.shape == (257, 40)
    np.testing.assert_allclose(ours, theirs / theirs.sum(axis=0), rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("n_mels", [20, 64, 80, 128])
def test_every_band_averages_even_where_bands_are_narrower_than_bins(n_mels):
    filters = mel_filters(sr=8000, n_fft=256, n_mels=n_mels)
    np.testing.assert_allclose(filters.sum(axis=0), 1.0, rtol=1e-5)
    # A flat spectrum is flat in mel.
    np.testing.assert_allclose(np.full((3, 129), 0.25, np.float32) @ filters, 0.25, rtol=1e-5)
    assert (filters >= 0).all()


def test_filters_cannot_be_changed_by_a_user():
    with pytest.raises(ValueError, match="read-only"):
        mel_filters(sr=8000, n_fft=256, n_mels=64)[0, 0] = 1


def test_inverse_has_the_same_mel_and_is_a_magnitude(speech_like):
    filters = mel_filters(sr=8000, n_fft=256, n_mels=64)
    mel = np.abs(stft(speech_like)) @ filters
    magnitude = mel_to_stft(mel, sr=8000, n_fft=256)
    assert magnitude.shape == (6, 128, 129)
    assert (magnitude >= 0).all()
    assert np.linalg.norm(magnitude @ filters - mel) < 0.02 * np.linalg.norm(mel)


def test_inverse_gets_nearer_with_iterations_and_keeps_silence(speech_like):
    filters = mel_filters(sr=8000, n_fft=256, n_mels=64)
    mel = np.abs(stft(speech_like[0])) @ filters
    errors = [
        np.linalg.norm(mel_to_stft(mel, sr=8000, n_fft=256, n_iter=n) @ filters - mel) for n in (0, 5, 30)
    ]
    assert errors[0] > errors[1] > errors[2]
    assert not mel_to_stft(np.zeros((4, 64)), sr=8000, n_fft=256).any()


def test_inverse_is_near_the_best_nonnegative_fit(speech_like):
    """Against scipy's exact non-negative least squares on a few frames."""
    from scipy.optimize import nnls

    filters = mel_filters(sr=8000, n_fft=256, n_mels=64).astype(np.float64)
    mel = (np.abs(stft(speech_like[0])) @ filters)[30:36]
    ours = mel_to_stft(mel, sr=8000, n_fft=256, n_iter=300) @ filters
    for frame, target in zip(ours, mel, strict=True):
        best = nnls(filters.T, target)[1]
        assert np.linalg.norm(frame - target) < best + 0.01 * np.linalg.norm(target)
