"""The corruption layer does what each kind says, as often as its severity says, and nothing at rest."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from course_lib.audio.degrade import DEGRADATIONS
from course_lib.layers.corruption import ADDITIVE, KINDS, Corruption
from tests.checks import check_layer

RNG = np.random.default_rng(0)
X = RNG.standard_normal((6, 40, 24)).astype(np.float32)
MANY = RNG.standard_normal((64, 60, 24)).astype(np.float32)
LOWEST = MANY.min(axis=(1, 2), keepdims=True)


def damaged(kind: str, severity, x: np.ndarray = MANY, **options) -> np.ndarray:
    return keras.ops.convert_to_numpy(Corruption(kind, severity, **options)(x, training=True))


@pytest.mark.parametrize("kind", KINDS)
def test_at_rest_nothing_changes_and_in_training_every_step_differs(kind, tmp_path):
    layer = Corruption(kind, 0.4, seed=1)
    np.testing.assert_array_equal(check_layer(layer, X, (40, 24), folder=tmp_path), X)
    first, second = (keras.ops.convert_to_numpy(layer(X, training=True)) for _ in range(2))
    assert first.shape == X.shape
    assert np.isfinite(first).all()
    assert np.abs(first - X).max() > 0
    # An edge between two bands is where it is.
    assert kind == "band_limit" or np.abs(first - second).max() > 0
    again = keras.ops.convert_to_numpy(Corruption(kind, 0.4, seed=1)(X, training=True))
    np.testing.assert_array_equal(again, first)


@pytest.mark.parametrize("kind", KINDS)
def test_frames_and_batch_may_be_unknown(kind):
    inputs = keras.Input((None, 24))
    model = keras.Model(inputs, Corruption(kind, (0.1, 0.4))(inputs))
    assert model.output_shape == (None, None, 24)
    made = keras.ops.convert_to_numpy(model(X, training=True))
    assert made.shape == X.shape
    assert np.abs(made - X).max() > 0


@pytest.mark.parametrize(
    ("kind", "tolerance"),
    [("masking", 0.01), ("salt_and_pepper", 0.01), ("dropped_frames", 0.04), ("dropped_bands", 0.06)],
)
def test_shares_are_what_was_asked_for(kind, tolerance):
    for share in (0.1, 0.5):
        assert np.mean(damaged(kind, share) != MANY) == pytest.approx(share, abs=tolerance)
    np.testing.assert_array_equal(damaged(kind, 0.0), MANY)
    assert np.mean(damaged(kind, 1.0) != MANY) > 0.999


def test_blanks_are_each_clips_lowest_or_a_number():
    made = damaged("masking", 0.3)
    blank = made != MANY
    np.testing.assert_array_equal(made[blank], np.broadcast_to(LOWEST, MANY.shape)[blank])
    made = damaged("masking", 0.3, fill=0.0)
    assert set(made[made != MANY]) == {0.0}


def test_salt_and_pepper_is_half_of_each():
    made = damaged("salt_and_pepper", 0.4)
    highest = MANY.max(axis=(1, 2), keepdims=True)
    salt, pepper = np.mean(made == highest), np.mean(made == LOWEST)
    assert salt == pytest.approx(0.2, abs=0.01)
    assert pepper == pytest.approx(0.2, abs=0.01)


def test_frames_and_bands_go_in_whole_stretches():
    hidden = damaged("dropped_frames", 0.2, width=5, fill=9.0) == 9
    assert (hidden.all(axis=2) | ~hidden.any(axis=2)).all()
    # Between two edges of the clip no stretch is shorter than asked for.
    for row in hidden[:, :, 0]:
        edges = np.flatnonzero(np.diff(row.astype(int)))
        begins = [edge + 1 for edge in edges if row[edge + 1]]
        assert all(row[begin : begin + 5].all() for begin in begins)
    hidden = damaged("dropped_bands", 0.2, width=3, fill=9.0) == 9
    assert (hidden.all(axis=1) | ~hidden.any(axis=1)).all()
    assert len(np.unique(hidden[:, 0], axis=0)) > 8


def test_a_band_limit_takes_the_upper_bands():
    made = damaged("band_limit", 0.25)
    np.testing.assert_array_equal(made[..., :18], MANY[..., :18])
    np.testing.assert_array_equal(made[..., 18:], np.broadcast_to(LOWEST, (64, 60, 6)))


def test_noise_has_its_size_and_a_gain_is_one_number_a_clip():
    noise = damaged("gaussian", 0.3) - MANY
    assert noise.std() == pytest.approx(0.3, rel=0.02)
    assert noise.mean() == pytest.approx(0, abs=0.005)
    noise = damaged("uniform", 0.3) - MANY
    assert np.abs(noise).max() <= 0.3 + 1e-5
    assert noise.std() == pytest.approx(0.3 / np.sqrt(3), rel=0.02)
    gain = damaged("gain", 0.3) - MANY
    np.testing.assert_allclose(gain, gain[:, :1, :1] * np.ones((1, 60, 24)), atol=1e-5)
    assert 0.2 < np.abs(gain).max() <= 0.3 + 1e-5


def test_between_bounds_each_example_draws_its_own():
    shares = np.mean(damaged("masking", (0.1, 0.6), width=1) != MANY, axis=(1, 2))
    assert 0.05 < shares.min() < 0.2
    assert 0.5 < shares.max() < 0.65
    layer = Corruption("masking", [0.1, 0.6])
    assert layer.severity == (0.1, 0.6)
    assert Corruption.from_config(layer.get_config()).severity == (0.1, 0.6)


def test_every_degradation_is_spoken_of():
    for name in DEGRADATIONS:
        assert name in Corruption.__doc__, f"say whether {name} can be expressed in features"
    assert set(ADDITIVE) < set(KINDS)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("hiss",), "kind must be one of gaussian, uniform, .*; received 'hiss'"),
        (("masking", 1.2), "severity of masking must lie between 0 and 1, .*; received 1.2"),
        (("masking", (0.5, 0.2)), r"the lower bound first; received \(0.5, 0.2\)"),
        (("gaussian", -0.1), "severity of gaussian must not be negative"),
    ],
)
def test_wrong_settings_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        Corruption(*arguments)
    with pytest.raises(ValueError, match="width must be at least 1; received 0"):
        Corruption(width=0)
