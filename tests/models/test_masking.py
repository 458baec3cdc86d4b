"""Denoiser and conditional separator: what they promise, on sounds a tiny network learns in seconds."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from course_lib.audio.stacked import stack
from course_lib.audio.stft import stft
from course_lib.evaluation.signal import si_sdr, snr
from course_lib.losses.separation import negative_snr
from course_lib.models.conditional import ConditionalSeparator
from course_lib.models.denoising import Denoiser
from course_lib.models.masking import masking_network

N_FFT, HOP, SAMPLES = 64, 16, 2048
BINS = 1 + N_FFT // 2
TONES = np.array([500.0, 1500.0, 2500.0])


def network(seed: int = 0, **options) -> keras.Model:
    return masking_network(BINS, width=24, inner=16, dilations=(1, 2), seed=seed, **options)


def tones(count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Which of three pitches each sound has, about, and the sounds: tones that swell and fade."""
    kind = rng.integers(3, size=count)
    time = np.arange(SAMPLES) / 8000
    pitch = TONES[kind] * rng.uniform(0.9, 1.1, count)
    swell = 1 + 0.8 * np.sin(2 * np.pi * (rng.uniform(4, 12, (count, 1)) * time + rng.random((count, 1))))
    phase = rng.uniform(0, 6, (count, 1))
    return kind, (swell * np.sin(2 * np.pi * pitch[:, None] * time + phase)).astype(np.float32)


def spectra(y: np.ndarray) -> np.ndarray:
    return stack(stft(y, n_fft=N_FFT, hop_length=HOP))


@pytest.fixture(scope="module")
def noisy():
    rng = np.random.default_rng(0)
    _, clean = tones(64, rng)
    return clean, clean + rng.standard_normal(clean.shape).astype(np.float32)


@pytest.fixture(scope="module")
def trained(noisy) -> Denoiser:
    clean, y = noisy
    model = Denoiser(network(), n_fft=N_FFT, hop_length=HOP)
    model.compile(optimizer=keras.optimizers.Adam(3e-3), loss=negative_snr)
    scale = np.sqrt((spectra(y) ** 2).sum(-1).mean(-1) / BINS)[:, None, None]
    history = model.fit(
        spectra(y) / scale, spectra(clean) / scale, epochs=12, batch_size=8, verbose=0
    ).history
    assert np.isfinite(history["loss"]).all()
    assert history["loss"][-1] < history["loss"][0] - 1
    return model


@pytest.fixture(scope="module")
def separator() -> ConditionalSeparator:
    rng = np.random.default_rng(1)
    kind, one = tones(64, rng)
    other_kind, other = tones(64, rng)
    differ = kind != other_kind
    kind, one, other = kind[differ], one[differ], other[differ]
    model = ConditionalSeparator(network(classes=3), n_fft=N_FFT, hop_length=HOP)
    model.compile(optimizer=keras.optimizers.Adam(5e-3), loss=negative_snr)
    inputs = {"spectrum": spectra(one + other) / 6, "condition": np.eye(3, dtype=np.float32)[kind]}
    model.fit(inputs, spectra(one) / 6, epochs=20, batch_size=8, verbose=0)
    return model


def test_less_than_200_steps_make_noise_weaker(trained):
    rng = np.random.default_rng(2)
    _, clean = tones(8, rng)
    y = clean + rng.standard_normal(clean.shape).astype(np.float32)
    gain = [
        snr(target, trained.denoise(sound)) - snr(target, sound)
        for target, sound in zip(clean, y, strict=True)
    ]
    assert trained.optimizer.iterations < 200
    assert np.mean(gain) > 3


def test_denoise_takes_any_length_and_level(trained, noisy):
    y = noisy[1][0]
    made = trained.denoise(y)
    assert made.shape == y.shape
    assert made.dtype == np.float32
    np.testing.assert_allclose(trained.denoise(0.01 * y), 0.01 * made, atol=1e-6)
    assert trained.denoise(y[:777]).shape == (777,)
    np.testing.assert_array_equal(trained.denoise(np.zeros(500, np.float32)), 0)


@pytest.mark.one_backend
def test_the_wrong_condition_does_worse(separator):
    rng = np.random.default_rng(3)
    kind, sounds = tones(40, rng)
    low, high = (sounds[kind == which][:5] for which in (0, 2))
    right, wrong = [], []
    for one, other in zip(low, high, strict=True):
        right.append(si_sdr(one, separator.separate(one + other, 0)))
        wrong.append(si_sdr(one, separator.separate(one + other, 2)))
    assert np.mean(right) > 3
    assert np.mean(right) - np.mean(wrong) > 10


def test_saved_and_loaded_they_do_the_same(trained, separator, tmp_path, noisy):
    y = noisy[1][1]
    for model, call in ((trained, lambda m: m.denoise(y)), (separator, lambda m: m.separate(y, 1))):
        path = tmp_path / f"{model.name}.keras"
        model.save(path)
        loaded = keras.saving.load_model(path, compile=False)
        np.testing.assert_allclose(call(loaded), call(model), atol=1e-5)
        again = type(model).from_config(model.get_config())
        assert again.get_config() == model.get_config()


def test_networks_repeat_by_seed_and_begin_near_what_they_hear():
    x = spectra(tones(3, np.random.default_rng(4))[1])
    one, two, other = (keras.ops.convert_to_numpy(network(seed)(x)) for seed in (0, 0, 1))
    np.testing.assert_array_equal(one, two)
    assert np.abs(one - other).max() > 0.01
    assert one.shape == x.shape
    # One clip alone gives what it gives among others.
    np.testing.assert_allclose(keras.ops.convert_to_numpy(network()(x[:1])), one[:1], atol=1e-5)


def test_every_stride_gives_every_frame():
    x = np.random.default_rng(5).standard_normal((2, 12, 2 * BINS)).astype(np.float32)
    for stride in (1, 2, 3):
        assert network(stride=stride)(x).shape == x.shape


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="n_fft = 128 makes 130 numbers a frame; network reads 66"):
        Denoiser(network(), n_fft=128, hop_length=16)
    with pytest.raises(ValueError, match="hop_length must divide n_fft = 64; received 30"):
        Denoiser(network(), n_fft=64, hop_length=30)
    with pytest.raises(ValueError, match="network must read spectrum and condition"):
        ConditionalSeparator(network(), n_fft=64, hop_length=16)
    model = ConditionalSeparator(network(classes=3), n_fft=64, hop_length=16)
    assert model.classes == 3
    with pytest.raises(ValueError, match="condition must be one of 0 to 2; received 3"):
        model.separate(np.ones(400, np.float32), 3)
    with pytest.raises(ValueError, match="width must be at least 1; received 0"):
        masking_network(BINS, width=0)
