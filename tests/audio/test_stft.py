"""The transform against librosa and against what a transform must do."""

from __future__ import annotations

import librosa
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.audio.stft import frame, istft, overlap_add, stft, window_gain


@pytest.mark.parametrize(("n_fft", "hop_length"), [(256, 64), (512, 128), (128, 64), (256, 32)])
def test_agrees_with_librosa_time_before_frequency(speech_like, n_fft, hop_length):
    y = speech_like[0]
    ours = stft(y, n_fft=n_fft, hop_length=hop_length)
    theirs = librosa.stft(y, n_fft=n_fft, hop_length=hop_length, center=True, pad_mode="constant").T
    assert ours.shape == (8192 // hop_length, 1 + n_fft // 2)
    # librosa has one more frame, centred on the very end.
    assert len(theirs) == len(ours) + 1
    np.testing.assert_allclose(ours, theirs[:-1], atol=2e-5)


def test_default_clip_gives_128_frames():
    assert stft(np.zeros(8192, np.float32)).shape == (128, 129)


def test_a_batch_is_its_clips(speech_like):
    whole = stft(speech_like.reshape(2, 3, 8192))
    assert whole.shape == (2, 3, 128, 129)
    np.testing.assert_array_equal(whole[1, 2], stft(speech_like[5]))


def test_full_scale_sine_has_the_stated_gain():
    y = np.sin(2 * np.pi * 1000 * np.arange(8192) / 8000).astype(np.float32)
    peak = np.abs(stft(y))[64].max()
    assert peak == pytest.approx(window_gain(256), rel=1e-4)
    assert window_gain(256) == pytest.approx(64.0)


@pytest.mark.parametrize(("n_fft", "hop_length"), [(256, 64), (512, 128), (128, 32)])
def test_inverse_is_exact_but_for_the_last_hop(speech_like, n_fft, hop_length):
    back = istft(stft(speech_like, n_fft=n_fft, hop_length=hop_length), n_fft=n_fft, hop_length=hop_length)
    assert back.shape == speech_like.shape
    assert np.abs(back - speech_like)[:, :-hop_length].max() < 2e-6


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), hops=st.integers(4, 80), scale=st.floats(1e-4, 1.0))
def test_round_trip_of_any_noise_and_length(seed, hops, scale):
    y = (scale * np.random.default_rng(seed).normal(size=hops * 64)).astype(np.float32)
    back = istft(stft(y))
    assert back.shape == y.shape
    assert np.abs(back - y)[:-64].max() < 1e-5 * max(1.0, float(np.abs(y).max()))


@settings(max_examples=20, deadline=None)
@given(gain=st.floats(-2, 2), seed=st.integers(0, 1000))
def test_is_linear(gain, seed):
    a, b = np.random.default_rng(seed).normal(size=(2, 1024)).astype(np.float32)
    np.testing.assert_allclose(
        stft(a + np.float32(gain) * b), stft(a) + np.float32(gain) * stft(b), atol=2e-4
    )


def test_overlap_add_of_frames_counts_the_overlap():
    y = np.arange(1024, dtype=np.float64)
    added = overlap_add(frame(y, n_fft=256, hop_length=64), hop_length=64)
    # Four frames cover every sample away from the ends.
    np.testing.assert_allclose(added[256:768], 4 * y[256:768])


def test_hop_must_divide():
    with pytest.raises(ValueError, match=r"hop_length must divide the 8192 samples; received 100"):
        stft(np.zeros(8192, np.float32), hop_length=100)
    with pytest.raises(ValueError, match=r"hop_length must divide n_fft = 256; received 100"):
        overlap_add(np.zeros((3, 256)), hop_length=100)
