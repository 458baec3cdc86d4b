"""Layers of the mask networks against NumPy."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from course_lib.layers.apply_mask import ApplyMask
from course_lib.layers.compressed_magnitude import CompressedMagnitude
from course_lib.layers.conditioning import FiLM
from tests.checks import check_layer

RNG = np.random.default_rng(0)
SPECTRUM = RNG.standard_normal((3, 6, 8)).astype(np.float32)


def bins(x) -> np.ndarray:
    return x[..., :4] + 1j * x[..., 4:]


def test_film_begins_as_the_identity_and_then_scales_and_shifts(tmp_path):
    condition = RNG.standard_normal((3, 5)).astype(np.float32)
    layer = FiLM()
    np.testing.assert_array_equal(
        check_layer(layer, [SPECTRUM, condition], (6, 8), folder=tmp_path), SPECTRUM
    )
    scale, shift = RNG.standard_normal((2, 5, 8)).astype(np.float32)
    layer.set_weights([scale, np.full(8, 0.5), shift, np.full(8, -2.0)])
    expected = SPECTRUM * (1.5 + condition @ scale)[:, None] + (condition @ shift - 2)[:, None]
    made = keras.ops.convert_to_numpy(layer([SPECTRUM, condition]))
    np.testing.assert_allclose(made, expected, rtol=1e-4, atol=1e-4)


def test_seeded_film_tells_conditions_apart_at_once():
    one, two, other = (FiLM(seed=seed) for seed in (1, 1, 2))
    inputs = [SPECTRUM, np.eye(3, dtype=np.float32)]
    made = [np.asarray(keras.ops.convert_to_numpy(layer(inputs))) for layer in (one, two, other)]
    np.testing.assert_array_equal(made[0], made[1])
    assert np.abs(made[0] - made[2]).max() > 0.1
    assert np.abs(made[0] - SPECTRUM).max() > 0.1


def test_film_says_what_does_not_fit():
    with pytest.raises(ValueError, match="frames, channels"):
        FiLM().compute_output_shape([(None, 8), (None, 3)])


def test_compressed_magnitude(tmp_path):
    made = check_layer(CompressedMagnitude(exponent=0.5), SPECTRUM, (6, 4), folder=tmp_path)
    np.testing.assert_allclose(made, np.abs(bins(SPECTRUM)) ** 0.5, rtol=1e-4)
    assert np.isfinite(np.asarray(CompressedMagnitude()(np.zeros((1, 2, 4), np.float32)))).all()
    with pytest.raises(ValueError, match="exponent must lie in"):
        CompressedMagnitude(exponent=0)
    with pytest.raises(ValueError, match="received 5 numbers a frame"):
        CompressedMagnitude().compute_output_shape((None, 3, 5))


def test_a_mask_turns_and_scales_every_bin(tmp_path):
    mask = 0.5 * RNG.standard_normal(SPECTRUM.shape).astype(np.float32)
    made = check_layer(ApplyMask(largest=1.5), [SPECTRUM, mask], (6, 8), folder=tmp_path)
    expected = bins(SPECTRUM) * bins(1.5 * np.tanh(mask / 1.5))
    np.testing.assert_allclose(bins(made), expected, rtol=1e-4, atol=1e-5)


def test_no_mask_is_larger_than_its_bound():
    made = np.asarray(ApplyMask(largest=2.0)([SPECTRUM, np.full_like(SPECTRUM, 1e6)]))
    # Both parts at their bound: the magnitude is larger by the square root of two.
    np.testing.assert_allclose(np.abs(bins(made)), 2 * np.sqrt(2) * np.abs(bins(SPECTRUM)), rtol=1e-4)


def test_masks_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="received 8 and 6 numbers a frame"):
        ApplyMask().compute_output_shape([(None, 3, 8), (None, 3, 6)])
    with pytest.raises(ValueError, match="largest must be positive"):
        ApplyMask(largest=0)
