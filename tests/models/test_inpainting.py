"""The model that fills gaps: what it promises, on tones that it learns in seconds."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from course_lib.audio.degrade.missing import dropped_frames
from course_lib.audio.files import AudioError
from course_lib.audio.restore.gap_frames import GapFrames, log_magnitude
from course_lib.audio.stft import stft
from course_lib.evaluation.inpainting import gap_distance
from course_lib.losses.reconstruction import mean_absolute
from course_lib.models.inpainting import Inpainter
from course_lib.models.inpainting_network import inpainting_network

SIZES = {"n_fft": 128, "hop_length": 32}
BINS, SAMPLES = 65, 4096


def network(**options) -> keras.Model:
    return inpainting_network(BINS, **{"width": 24, "inner": 16, "dilations": (1, 2, 4)} | options)


def pulses(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Tones in a hiss that go on and off some 12 times a second, and where they are missing."""
    rng = np.random.default_rng(seed)
    time = np.arange(SAMPLES) / 8000
    pitch = rng.uniform(500, 2500, (count, 1))
    rate, start = rng.uniform(10, 14, (count, 1)), rng.random((count, 1))
    loud = (np.sin(2 * np.pi * (rate * time + start)) > 0) * 0.98 + 0.02
    y = 0.3 * loud * np.sin(2 * np.pi * pitch * time) + 0.01 * rng.standard_normal((count, SAMPLES))
    y = y.astype(np.float32)
    gaps = [dropped_frames(one, percent=20, rng=rng, packet_seconds=0.02)[1] for one in y]
    return y, np.stack(gaps)


def examples(count: int, seed: int):
    """(inputs, target) of a fit."""
    y, missing = pulses(count, seed)
    frames = GapFrames.of(y, missing, **SIZES)
    inputs = {name: getattr(frames, name) for name in ("interpolated", "damaged", "lost")}
    return inputs, log_magnitude(np.abs(stft(y, **SIZES)), frames.level)


@pytest.fixture(scope="module")
def trained() -> Inpainter:
    model = Inpainter(network(), **SIZES)
    model.compile(optimizer=keras.optimizers.Adam(1e-2), loss=mean_absolute)
    history = model.fit(*examples(64, 0), epochs=12, batch_size=8, verbose=0).history
    assert np.isfinite(history["loss"]).all()
    assert history["loss"][-1] < 0.95 * history["loss"][0]
    return model


@pytest.mark.one_backend
def test_less_than_200_steps_beat_silence_and_straight_lines(trained):
    assert trained.optimizer.iterations < 200
    untrained = Inpainter(network(), **SIZES)
    distances = {"silence": [], "lines": [], "model": []}
    for y, missing in zip(*pulses(12, 1), strict=True):
        damaged = np.where(missing, np.float32(0), y)
        # As it is made, the network says the straight lines themselves.
        for name, made in (
            ("silence", damaged),
            ("lines", untrained.inpaint(damaged, missing)),
            ("model", trained.inpaint(damaged, missing)),
        ):
            distances[name].append(gap_distance(y, made, missing))
    mean = {name: np.mean(values) for name, values in distances.items()}
    # In dB; most of the bins are hiss, of which nobody can say more than its level.
    assert mean["model"] < mean["lines"] - 0.2
    assert mean["lines"] < mean["silence"] - 2


def test_what_is_there_comes_back_bit_for_bit(trained):
    (y, *_), (missing, *_) = pulses(1, 2)
    for length in (SAMPLES, 3001, 600):
        made = trained.inpaint(y[:length], missing[:length])
        assert made.shape == (length,)
        assert made.dtype == np.float32
        np.testing.assert_array_equal(made[~missing[:length]], y[:length][~missing[:length]])
        assert np.isfinite(made).all()
    none = np.zeros(SAMPLES, bool)
    np.testing.assert_array_equal(trained.inpaint(y, none), y)
    np.testing.assert_array_equal(trained.inpaint(y, ~none), 0)


def test_neither_level_nor_what_stands_in_a_gap_matters(trained):
    (y, *_), (missing, *_) = pulses(1, 3)
    made = trained.inpaint(y, missing)
    np.testing.assert_allclose(trained.inpaint(0.01 * y, missing), 0.01 * made, atol=1e-4)
    garbage = np.where(missing, np.float32(0.7), y)
    np.testing.assert_array_equal(trained.inpaint(garbage, missing), made)


def test_whole_frames_pass_and_an_untrained_network_says_straight_lines():
    inputs, _ = examples(3, 4)
    made = keras.ops.convert_to_numpy(network()(inputs))
    np.testing.assert_allclose(made, inputs["interpolated"], atol=1e-6)
    stirred = network()
    stirred.get_layer("correction").set_weights(
        [np.ones_like(weight) for weight in stirred.get_layer("correction").get_weights()]
    )
    different = np.abs(keras.ops.convert_to_numpy(stirred(inputs)) - made).max(axis=2) > 1e-3
    np.testing.assert_array_equal(different, inputs["lost"][..., 0] > 0)


def test_saved_and_loaded_it_does_the_same(trained, tmp_path):
    (y, *_), (missing, *_) = pulses(1, 5)
    trained.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", compile=False)
    np.testing.assert_allclose(loaded.inpaint(y, missing), trained.inpaint(y, missing), atol=1e-4)
    again = Inpainter.from_config(trained.get_config())
    assert again.get_config() == trained.get_config()


def test_what_does_not_fit_is_named(trained):
    y, missing = np.ones(400, np.float32), np.zeros(400, bool)
    with pytest.raises(ValueError, match=r"missing must be bool of shape \(400,\); received bool \(399,\)"):
        trained.inpaint(y, missing[:-1])
    with pytest.raises(ValueError, match="received float64"):
        trained.inpaint(y, np.zeros(400))
    with pytest.raises(AudioError):
        trained.inpaint(np.full(400, np.nan, np.float32), missing)
    with pytest.raises(ValueError, match="n_fft = 64 makes 33 bins; network gives 65"):
        Inpainter(network(), n_fft=64, hop_length=16)
    with pytest.raises(ValueError, match="hop_length must divide n_fft = 128; received 30"):
        Inpainter(network(), n_fft=128, hop_length=30)
    other = keras.Sequential([keras.Input((None, BINS)), keras.layers.Dense(BINS)])
    with pytest.raises(ValueError, match="network must read damaged, interpolated, lost; it reads"):
        Inpainter(other, **SIZES)
    with pytest.raises(ValueError, match="width must be at least 1; received 0"):
        network(width=0)
