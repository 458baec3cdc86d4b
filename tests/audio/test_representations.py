"""Every representation: protocol, config, round trip, and the same clip alone and among others."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.audio.log_mel_spectrogram import LogMelSpectrogram
from course_lib.audio.log_stft import LogSTFT
from course_lib.audio.magnitude_phase import MagnitudePhase
from course_lib.audio.mfcc import MFCC
from course_lib.audio.mu_law import MuLaw
from course_lib.audio.representation import Representation, from_config
from course_lib.audio.stft import stft, window_gain

MAKERS = {
    "log_mel": LogMelSpectrogram,
    "stft": LogSTFT,
    "mfcc_13": lambda **sizes: MFCC(n_mfcc=13, **sizes),
    "mfcc_40": lambda **sizes: MFCC(n_mfcc=40, **sizes),
    "magnitude_frequency": MagnitudePhase,
    "magnitude_phase": lambda **sizes: MagnitudePhase(phase="phase", **sizes),
    "mu_law": MuLaw,
}
BANDS = {
    "log_mel": 64,
    "stft": 129,
    "mfcc_13": 13,
    "mfcc_40": 40,
    "magnitude_frequency": 258,
    "magnitude_phase": 258,
    "mu_law": 64,
}


@pytest.fixture(scope="module", params=MAKERS)
def fitted(request, speech_like):
    """(name, representation fitted on the clips)."""
    return request.param, MAKERS[request.param]().fit(speech_like)


def _convergence(y, estimate) -> float:
    target = np.abs(stft(y))
    return float(np.linalg.norm(np.abs(stft(estimate)) - target) / np.linalg.norm(target))


def test_shape_protocol_and_types(fitted, speech_like):
    name, representation = fitted
    assert isinstance(representation, Representation)
    assert representation.shape == (128, BANDS[name])
    features = representation.encode(speech_like)
    assert features.shape == (6, 128, BANDS[name])
    assert features.dtype == np.float32
    sound = representation.decode(features)
    assert sound.shape == speech_like.shape
    assert sound.dtype == np.float32
    assert set(representation.ceiling) == {"stoi", "pesq_nb"}


def test_batch_is_the_same_as_single_clips_and_keeps_leading_axes(fitted, speech_like):
    _, representation = fitted
    features = representation.encode(speech_like.reshape(2, 3, 8192))
    assert features.shape[:2] == (2, 3)
    features = features.reshape(6, *representation.shape)
    sound = representation.decode(features, batch=4)
    for clip in (0, 5):
        np.testing.assert_allclose(representation.encode(speech_like[clip]), features[clip], atol=2e-6)
        np.testing.assert_allclose(representation.decode(features[clip]), sound[clip], atol=2e-6)
    np.testing.assert_array_equal(representation.encode(speech_like, batch=1), features)
    assert representation.encode(speech_like[:0]).shape == (0, *representation.shape)
    assert representation.decode(features[:0]).shape == (0, 8192)


def test_config_goes_through_json_and_back_with_its_scaling(fitted, speech_like):
    _, representation = fitted
    again = from_config(json.loads(json.dumps(representation.config)))
    assert type(again) is type(representation)
    assert again.config == representation.config
    features = representation.encode(speech_like)
    np.testing.assert_array_equal(again.encode(speech_like), features)
    np.testing.assert_array_equal(again.decode(features[:1]), representation.decode(features[:1]))
    assert representation.fit(speech_like).config == representation.config


def test_scaling_standardises_what_it_covers(fitted, speech_like):
    name, representation = fitted
    scaled = representation.encode(speech_like)[..., : len(representation.scaling.mean)]
    np.testing.assert_allclose(scaled.mean(axis=(0, 1)), 0, atol=2e-3)
    assert scaled.std() == pytest.approx(1, abs=1e-3)
    if name.startswith("magnitude"):
        raw = MAKERS[name]().encode(speech_like)
        phases = representation.encode(speech_like)[..., 129:]
        np.testing.assert_array_equal(phases, raw[..., 129:])
        assert -1 <= phases.min() < -0.9
        assert 0.9 < phases.max() <= 1


@pytest.mark.parametrize(
    ("name", "limit"),
    [("stft", 0.07), ("log_mel", 0.09), ("mfcc_40", 0.3), ("mfcc_13", 0.9)],
)
def test_round_trip_keeps_magnitudes_as_well_as_it_claims(name, limit, speech_like):
    """The fewer numbers, the farther: spectral convergence of the way there and back."""
    representation = MAKERS[name]().fit(speech_like)
    assert _convergence(speech_like, representation.decode(representation.encode(speech_like))) < limit


def test_more_coefficients_keep_more(speech_like):
    distances = []
    for count in (5, 13, 20, 40, 64):
        mfcc = MFCC(n_mfcc=count)
        distances.append(_convergence(speech_like, mfcc.decode(mfcc.encode(speech_like))))
    assert distances == sorted(distances, reverse=True)


def test_all_coefficients_are_the_log_mel_spectrum(speech_like):
    mfcc, mel = MFCC(n_mfcc=64), LogMelSpectrogram()
    np.testing.assert_allclose(
        mfcc.magnitude(mfcc.encode(speech_like)), mel.magnitude(mel.encode(speech_like)), rtol=1e-4
    )
    np.testing.assert_allclose(
        np.linalg.norm(mfcc.encode(speech_like), axis=-1),
        np.linalg.norm(mel.encode(speech_like), axis=-1),
        rtol=1e-4,
    )


def test_mfcc_are_librosas(speech_like):
    import librosa

    log_mel = LogMelSpectrogram().encode(speech_like[0])
    theirs = librosa.feature.mfcc(S=log_mel.T, n_mfcc=20).T
    np.testing.assert_allclose(MFCC(n_mfcc=20).encode(speech_like[0]), theirs, atol=2e-4)


@pytest.mark.parametrize("phase", ["frequency", "phase"])
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 1000), level=st.floats(1e-4, 1.0), exponent=st.floats(0.2, 1.0))
def test_magnitude_and_phase_invert_exactly(phase, seed, level, exponent):
    """Any sound at all, to within 110 dB of itself: noise has nothing that a floor may hide."""
    rng = np.random.default_rng(seed)
    y = (level * rng.standard_normal((2, 8192))).astype(np.float32)
    y[0, 3000:5000] = 0
    representation = MagnitudePhase(phase=phase, exponent=exponent).fit(y)
    error = representation.decode(representation.encode(y)) - y
    assert np.sqrt(np.mean(error**2)) < 10 ** (-110 / 20) * np.sqrt(np.mean(y**2))


def test_a_steady_tone_has_a_constant_instantaneous_frequency():
    t = np.arange(8192) / 8000
    # 8 Hz above the centre of bin 32: 8 Hz make 0.128 half turns in a hop of 64.
    y = np.sin(2 * np.pi * 1008 * t).astype(np.float32)
    features = MagnitudePhase().encode(y)
    np.testing.assert_allclose(features[4:-4, 129 + 32], 2 * 8 * 64 / 8000, atol=1e-4)
    phases = MagnitudePhase(phase="phase").encode(y)[4:-4, 129 + 32]
    assert phases.std() > 0.4


def test_mu_law_is_librosas_compander(speech_like):
    import librosa

    representation = MuLaw(bits=16)
    expected = librosa.mu_compress(speech_like.astype(np.float64), mu=2**16 - 1, quantize=False)
    np.testing.assert_allclose(
        representation.encode(speech_like).reshape(6, -1), expected, atol=0.6 / (2**15 - 1)
    )


@pytest.mark.parametrize("bits", [2, 4, 8, 12])
def test_mu_law_rounds_to_symmetric_steps(bits, speech_like):
    representation = MuLaw(bits=bits)
    features = representation.encode(speech_like)
    assert len(np.unique(features)) <= 2**bits - 1
    np.testing.assert_array_equal(representation.encode(-speech_like), -features)
    assert not representation.decode(representation.encode(np.zeros(8192, np.float32))).any()
    # What is on a step stays there.
    np.testing.assert_allclose(representation.encode(representation.decode(features)), features, atol=1e-6)
    error = np.abs(representation.decode(features) - np.clip(speech_like, -1, 1))
    steps, mu = 2 ** (bits - 1) - 1, 2**bits - 1
    bound = 0.5 / steps * np.log1p(mu) * (1 + mu * (np.abs(speech_like) + error)) / mu
    assert (error <= bound * 1.01 + 1e-6).all()


def test_mu_law_signal_to_noise_hardly_depends_on_the_level():
    """G.711's point: 8 bits give about 38 dB from loud to 30 dB softer, where even steps would lose 30 dB."""
    rng = np.random.default_rng(0)
    ratios = []
    for level_db in (-10, -25, -40):
        y = (10 ** (level_db / 20) * np.clip(rng.standard_normal(8192), -3, 3)).astype(np.float32)
        representation = MuLaw()
        error = representation.decode(representation.encode(y)) - y
        ratios.append(10 * np.log10(np.mean(y**2) / np.mean(error**2)))
    assert min(ratios) > 31
    assert max(ratios) - min(ratios) < 7


def test_magnitude_shows_a_tone_at_its_level_and_silence_at_the_floor(fitted):
    name, representation = fitted
    tone = (0.1 * np.sin(2 * np.pi * 1000 * np.arange(8192) / 8000)).astype(np.float32)
    magnitude = representation.magnitude(representation.encode(tone))
    assert magnitude.shape[0] == 128
    assert magnitude.min() > 0
    if not name.startswith("mfcc"):
        low = -32 if name == "log_mel" else -20.5
        assert low < 20 * np.log10(magnitude[64].max()) < -19.5
    silence = representation.magnitude(representation.encode(np.zeros(8192, np.float32)))
    np.testing.assert_allclose(20 * np.log10(silence), -80, atol=0.05)


def test_stft_features_are_log_magnitudes(speech_like):
    expected = np.log(np.maximum(np.abs(stft(speech_like)) / window_gain(256), 1e-4))
    np.testing.assert_allclose(LogSTFT().encode(speech_like), expected, atol=1e-4)


@settings(max_examples=10, deadline=None)
@given(
    scale=st.sampled_from([0.1, 5.0, 1e3, 1e20]), seed=st.integers(0, 100), name=st.sampled_from([*MAKERS])
)
def test_any_estimate_of_a_network_becomes_finite_sound(scale, seed, name):
    representation = MAKERS[name]()
    features = scale * np.random.default_rng(seed).standard_normal(representation.shape)
    assert np.isfinite(representation.decode(features)).all()
    assert np.isfinite(representation.magnitude(features)).all()


@pytest.mark.filterwarnings("error:Empty filters detected")
@settings(max_examples=20, deadline=None)
@given(
    name=st.sampled_from([*MAKERS]),
    sizes=st.sampled_from([(128, 32, 4096), (512, 128, 8192), (256, 128, 2048)]),
    sr=st.sampled_from([8000, 16000, 22050]),
)
def test_other_sizes_go_through_config_too(name, sizes, sr):
    n_fft, hop_length, n_samples = sizes
    arguments = {"sr": sr, "n_samples": n_samples, "hop_length": hop_length}
    if name != "mu_law":
        arguments["n_fft"] = n_fft
    one = MAKERS[name](**arguments)
    assert one.shape[0] == n_samples // hop_length
    assert from_config(one.config).config == one.config
    y = np.random.default_rng(0).uniform(-0.5, 0.5, n_samples).astype(np.float32)
    assert one.encode(y).shape == one.shape
    assert one.decode(one.encode(y)).shape == y.shape


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: LogSTFT(hop_length=100), "hop_length must divide n_fft = 256; received 100"),
        (lambda: MagnitudePhase(hop_length=100), "hop_length must divide n_fft = 256; received 100"),
        (lambda: MuLaw(hop_length=100), "hop_length must divide n_samples = 8192; received 100"),
        (lambda: MuLaw(hop_length=0), "hop_length must divide"),
        (lambda: MuLaw(bits=1), "bits must lie between 2 and 16; received 1"),
        (lambda: MFCC(n_mfcc=65), "n_mfcc must lie between 1 and n_mels = 64; received 65"),
        (lambda: MFCC(n_mels=129), "n_mels must lie between 1 and n_fft / 2 = 128; received 129"),
        (lambda: LogSTFT(floor_db=3.0), r"floor_db must lie in \[-160, 0\); received 3.0"),
        (lambda: MagnitudePhase(exponent=0.0), r"exponent must lie in \(0, 1\]; received 0.0"),
        (lambda: MagnitudePhase(phase="polar"), "phase must be 'frequency' or 'phase'; received 'polar'"),
        (lambda: LogSTFT(mean=[0.0] * 64, scale=1.0), "mean for each of 129 bands"),
        (lambda: MagnitudePhase(mean=[0.0] * 258, scale=1.0), "mean for each of 129 bands"),
        (
            lambda: from_config({"kind": "Wavelet"}),
            "unknown representation 'Wavelet'; expected one of LogMel",
        ),
        (lambda: MuLaw().encode(np.zeros(100)), "expected clips of 8192 samples; received 100"),
        (lambda: MuLaw().encode(np.full(8192, np.nan)), "NaN or infinite"),
        (lambda: MFCC().decode(np.zeros((128, 64))), r"expected features of shape \(..., \(128, 20\)\)"),
        (lambda: MuLaw().fit(np.zeros((2, 8192))), "all features are equal"),
    ],
)
def test_says_what_it_expected(make, message):
    with pytest.raises(ValueError, match=message):
        make()
