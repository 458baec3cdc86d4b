"""The recurrent denoiser: what it promises, on tones that it learns in seconds."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from course_lib.audio.stacked import level, stack, unstack
from course_lib.audio.stft import stft
from course_lib.evaluation.signal import snr
from course_lib.layers.corruption import Corruption
from course_lib.layers.take_phase import TakePhase
from course_lib.losses.separation import compressed_error, negative_snr
from course_lib.models.denoising import Denoiser
from course_lib.models.recurrent_masking import recurrent_masking_network
from tests.checks import check_layer

N_FFT, HOP, SAMPLES = 64, 16, 1024
BINS = 1 + N_FFT // 2


def network(**options) -> keras.Model:
    return recurrent_masking_network(BINS, **{"width": 16, "latent_dim": 8} | options)


def tones(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Tones that swell and fade, clean and under as much noise."""
    rng = np.random.default_rng(seed)
    time = np.arange(SAMPLES) / 8000
    pitch = np.array([500.0, 1500.0, 2500.0])[rng.integers(3, size=count)] * rng.uniform(0.9, 1.1, count)
    swell = 1 + 0.8 * np.sin(2 * np.pi * (rng.uniform(4, 12, (count, 1)) * time + rng.random((count, 1))))
    clean = swell * np.sin(2 * np.pi * pitch[:, None] * time + rng.uniform(0, 6, (count, 1)))
    return clean.astype(np.float32), (clean + rng.standard_normal(clean.shape)).astype(np.float32)


def pairs(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """(noisy, clean) spectra at one level."""
    spectra = [stft(y, n_fft=N_FFT, hop_length=HOP) for y in tones(count, seed)]
    scale = level(spectra[1])
    return stack(spectra[1] / scale), stack(spectra[0] / scale)


def trained(loss, epochs: int = 12, **options) -> Denoiser:
    model = Denoiser(network(**options), n_fft=N_FFT, hop_length=HOP, stride=4)
    model.compile(optimizer=keras.optimizers.Adam(1e-2), loss=loss)
    history = model.fit(*pairs(64, 0), epochs=epochs, batch_size=8, verbose=0).history
    assert np.isfinite(history["loss"]).all()
    assert history["loss"][-1] < history["loss"][0]
    return model


def gain(model: Denoiser) -> float:
    clean, noisy = tones(6, 1)
    return float(np.mean([snr(a, model.denoise(b)) - snr(a, b) for a, b in zip(clean, noisy, strict=True)]))


@pytest.mark.one_backend
def test_less_than_200_steps_make_noise_weaker():
    model = trained(negative_snr)
    assert model.optimizer.iterations < 200
    assert gain(model) > 3
    _, noisy = tones(1, 2)
    made = model.denoise(noisy[0])
    assert made.shape == noisy[0].shape
    np.testing.assert_allclose(model.denoise(0.01 * noisy[0]), 0.01 * made, atol=1e-5)
    assert model.denoise(noisy[0][:777]).shape == (777,)


@pytest.mark.one_backend
def test_clean_magnitudes_can_be_predicted_too():
    def magnitudes(target, estimate):
        return compressed_error(target, estimate, phase_weight=0.0)

    assert gain(trained(magnitudes, predicts="features")) > 2


@pytest.mark.parametrize("predicts", ["mask", "features"])
def test_the_phase_is_that_of_what_was_heard(predicts):
    noisy, _ = pairs(2, 3)
    heard, made = unstack(noisy), unstack(keras.ops.convert_to_numpy(network(predicts=predicts)(noisy)))
    turned = np.angle(made * np.conj(heard))[np.abs(made) > 1e-3]
    assert turned.size > 100
    np.testing.assert_allclose(turned, 0, atol=1e-3)
    if predicts == "mask":
        assert (np.abs(made) <= np.abs(heard) + 1e-6).all()
        # Untrained it lets most through.
        assert np.abs(made).sum() > 0.7 * np.abs(heard).sum()


def test_every_number_of_frames_that_the_stride_divides():
    for stride in (1, 2, 3):
        x = np.random.default_rng(0).standard_normal((2, 4 * stride, 2 * BINS)).astype(np.float32)
        assert network(stride=stride)(x).shape == x.shape


def test_it_repeats_by_seed_and_after_saving(tmp_path):
    x, _ = pairs(3, 4)
    made = [keras.ops.convert_to_numpy(network(seed=seed)(x)) for seed in (0, 0, 1)]
    np.testing.assert_array_equal(made[0], made[1])
    assert np.abs(made[0] - made[2]).max() > 1e-3
    model = Denoiser(
        network(corruption=Corruption("masking", 0.3, fill=0.0)), n_fft=N_FFT, hop_length=HOP, stride=4
    )
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", compile=False)
    both = [keras.ops.convert_to_numpy(one.network(x)) for one in (loaded, model)]
    np.testing.assert_allclose(*both, atol=1e-5)


def test_corruption_is_heard_in_training_only():
    x, _ = pairs(2, 5)
    model = network(corruption=Corruption("masking", 0.5, fill=0.0))
    plain = network()
    plain.set_weights([w for w in model.get_weights() if w.dtype == np.float32])
    rest = keras.ops.convert_to_numpy(model(x, training=False))
    np.testing.assert_allclose(rest, keras.ops.convert_to_numpy(plain(x)), atol=1e-5)
    assert np.abs(keras.ops.convert_to_numpy(model(x, training=True)) - rest).max() > 1e-3


def test_phases_are_taken(tmp_path):
    rng = np.random.default_rng(0)
    spectrum = rng.standard_normal((2, 5, 12)).astype(np.float32)
    compressed = rng.uniform(0.1, 2, (2, 5, 6)).astype(np.float32)
    made = check_layer(TakePhase(0.5), [spectrum, compressed], (5, 12), folder=tmp_path)
    np.testing.assert_allclose(np.abs(unstack(made)), compressed**2, rtol=1e-4)
    np.testing.assert_allclose(np.angle(unstack(made)), np.angle(unstack(spectrum)), atol=1e-4)
    with pytest.raises(
        ValueError, match="half as many magnitudes as numbers of the spectrum, 12; received 5"
    ):
        TakePhase().compute_output_shape([(None, 5, 12), (None, 5, 5)])
    with pytest.raises(ValueError, match=r"exponent must lie in \(0, 1\]; received 0"):
        TakePhase(0)


def test_wrong_sizes_are_named():
    with pytest.raises(ValueError, match="width must be at least 1; received 0"):
        network(width=0)
    with pytest.raises(ValueError, match="predicts must be mask or features; received 'sound'"):
        network(predicts="sound")
