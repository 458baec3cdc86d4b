"""The default representation: shapes, scaling, config, and a round trip that keeps speech intelligible."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.audio.log_mel_spectrogram import LogMelSpectrogram
from course_lib.audio.representation import Representation, from_config
from course_lib.audio.scaling import BandScaling


@pytest.fixture(scope="module")
def fitted(speech_like) -> LogMelSpectrogram:
    return LogMelSpectrogram().fit(speech_like)


def test_shape_and_protocol(speech_like, fitted):
    assert isinstance(fitted, Representation)
    assert fitted.shape == (128, 64)
    features = fitted.encode(speech_like)
    assert features.shape == (6, 128, 64)
    assert features.dtype == np.float32


def test_fit_standardises_training_features(speech_like, fitted):
    features = fitted.encode(speech_like)
    np.testing.assert_allclose(features.mean(axis=(0, 1)), 0, atol=1e-4)
    assert features.std() == pytest.approx(1.0, abs=1e-3)
    # One scale for all: a loud band stays louder than a quiet one.
    assert features.std(axis=(0, 1)).min() < 0.9


def test_fitting_again_gives_the_same_as_fitting_once(speech_like, fitted):
    assert fitted.fit(speech_like).config == fitted.config


def test_round_trip_of_digits_stays_intelligible(digit_clips):
    """STOI of at least 0.98 on held-out voices, joined into ten-digit strings."""
    from course_lib.evaluation import strings
    from course_lib.evaluation.intelligibility import stoi

    train, test = digit_clips
    chosen = np.concatenate(strings.arrange(test.label)[:6])
    clips = test.select(chosen)
    representation = LogMelSpectrogram().fit(train.y[:400])
    sound = representation.decode(representation.encode(clips.y))
    pairs = zip(
        strings.concatenate(clips.y, clips.length), strings.concatenate(sound, clips.length), strict=True
    )
    scores = [stoi(reference, estimate, sr=8000) for reference, estimate in pairs]
    assert len(scores) == 6
    assert np.mean(scores) >= 0.98
    assert min(scores) > 0.96


def test_features_of_the_decoded_sound_are_near(speech_like, fitted):
    features = fitted.encode(speech_like)
    again = fitted.encode(fitted.decode(features))
    assert np.abs(again - features).mean() < 0.1


def test_magnitude_inverts_encode_above_the_floor(speech_like, fitted):
    raw = LogMelSpectrogram()
    np.testing.assert_allclose(
        fitted.magnitude(fitted.encode(speech_like)), np.exp(raw.encode(speech_like)), rtol=2e-4
    )


def test_a_full_scale_sine_is_0_db():
    y = np.sin(2 * np.pi * 1000 * np.arange(8192) / 8000).astype(np.float32)
    peak_db = 20 * np.log10(
        LogMelSpectrogram(n_mels=128).magnitude(LogMelSpectrogram(n_mels=128).encode(y)).max()
    )
    assert -8 < peak_db < 0.1


def test_silence_is_the_floor_and_comes_back_silent(fitted):
    features = fitted.encode(np.zeros(8192, np.float32))
    np.testing.assert_allclose(20 * np.log10(fitted.magnitude(features)), -80, atol=1e-3)
    assert np.abs(fitted.decode(features)).max() < 1e-6


@pytest.mark.parametrize("batch", [1, 4, 100])
def test_a_clip_is_the_same_alone_and_among_others(speech_like, fitted, batch):
    features = fitted.encode(speech_like)
    np.testing.assert_array_equal(fitted.encode(speech_like, batch=batch), features)
    np.testing.assert_allclose(fitted.encode(speech_like[3]), features[3], atol=1e-6)
    sound = fitted.decode(features, n_iter=4)
    np.testing.assert_allclose(fitted.decode(features[3], n_iter=4), sound[3], atol=1e-6)
    np.testing.assert_allclose(fitted.decode(features, n_iter=4, batch=batch), sound, atol=1e-6)


def test_leading_axes_are_kept(speech_like, fitted):
    features = fitted.encode(speech_like.reshape(2, 3, 8192))
    assert features.shape == (2, 3, 128, 64)
    assert fitted.decode(features, n_iter=1).shape == (2, 3, 8192)


@settings(max_examples=15, deadline=None)
@given(scale=st.sampled_from([0.1, 5.0, 1e3, 1e20]), seed=st.integers(0, 100))
def test_any_estimate_of_a_network_becomes_finite_sound(scale, seed):
    representation = LogMelSpectrogram(mean=[-5.0] * 64, scale=1.5)
    features = scale * np.random.default_rng(seed).normal(size=(128, 64))
    assert np.isfinite(representation.decode(features, n_iter=2)).all()


@settings(max_examples=25, deadline=None)
@given(
    n_mels=st.sampled_from([8, 20, 64]),
    fft=st.sampled_from([(128, 32), (256, 64), (512, 128)]),
    floor_db=st.floats(-120, -40),
    scale=st.floats(0.1, 5) | st.none(),
)
def test_config_goes_through_json_and_back(n_mels, fft, floor_db, scale):
    scaling = {} if scale is None else {"mean": [0.25 * band for band in range(n_mels)], "scale": scale}
    one = LogMelSpectrogram(n_fft=fft[0], hop_length=fft[1], n_mels=n_mels, floor_db=floor_db, **scaling)
    other = from_config(json.loads(json.dumps(one.config)))
    assert other.config == one.config
    y = np.random.default_rng(0).normal(size=8192).astype(np.float32) * 0.1
    np.testing.assert_array_equal(one.encode(y), other.encode(y))


def test_ceiling_is_what_lab_01_prints():
    assert LogMelSpectrogram().ceiling == {"stoi": 0.99, "pesq_nb": 4.2}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"hop_length": 100}, "hop_length must divide"),
        ({"n_samples": 8000, "hop_length": 64, "n_fft": 256, "n_mels": 0}, "n_mels|bands"),
        ({"mean": [0.0] * 10, "scale": 1.0}, "mean for each of 64 bands"),
        ({"mean": [0.0] * 64}, "one scale, or neither"),
    ],
)
def test_sizes_that_do_not_fit(arguments, message):
    with pytest.raises(ValueError, match=message):
        LogMelSpectrogram(**arguments)


def test_wrong_inputs_are_named(speech_like, fitted):
    with pytest.raises(ValueError, match="expected clips of 8192 samples; received 4096"):
        fitted.encode(speech_like[:, :4096])
    with pytest.raises(ValueError, match=r"expected features of shape \(\.\.\., \(128, 64\)\)"):
        fitted.decode(np.zeros((128, 32)))
    with pytest.raises(ValueError, match="NaN or infinite samples"):
        fitted.encode(np.full(8192, np.nan))
    with pytest.raises(ValueError, match="unknown representation 'Mystery'; expected one of"):
        from_config({"kind": "Mystery"})
    with pytest.raises(ValueError, match="nothing to scale"):
        LogMelSpectrogram().fit(np.zeros((3, 8192), np.float32))


def test_band_scaling_inverts():
    features = np.random.default_rng(1).normal(3, 2, size=(4, 10, 5)).astype(np.float32)
    scaling = BandScaling.fit(features)
    np.testing.assert_allclose(scaling.invert(scaling.apply(features)), features, atol=1e-5)
    with pytest.raises(ValueError, match=r"\(clips, frames, bands\); received \(10, 5\)"):
        BandScaling.fit(features[0])
