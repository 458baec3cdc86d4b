"""Layers of the adversarial models."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from course_lib.layers.minibatch_deviation import MinibatchDeviation
from course_lib.layers.random_change import RandomChange
from course_lib.layers.spectral_conv1d import SpectralConv1D
from tests.checks import check_layer

RNG = np.random.default_rng(0)
X = RNG.standard_normal((8, 10, 3)).astype(np.float32)


@pytest.mark.parametrize("strides", [1, 2])
def test_spectral_convolution_goes_through_the_check(strides, tmp_path):
    made = check_layer(SpectralConv1D(5, 3, strides=strides), X, (10 // strides, 5), folder=tmp_path)
    assert np.abs(made).max() > 0


def test_after_some_steps_the_kernel_that_is_used_has_a_largest_singular_value_of_one():
    layer = SpectralConv1D(5, 3)
    layer(X)
    layer.kernel.assign(7 * layer.kernel)
    for _ in range(50):
        layer(X, training=True)
    kernel = keras.ops.convert_to_numpy(layer.kernel)
    sigma = np.linalg.svd(kernel.reshape(-1, 5), compute_uv=False)[0]
    impulse = np.zeros((1, 10, 3), np.float32)
    impulse[0, 4, 1] = 1
    used = keras.ops.convert_to_numpy(layer(impulse))[0]
    np.testing.assert_allclose(used[3:6], (kernel / sigma)[::-1, 1], atol=1e-4)


def test_reading_changes_nothing_and_training_only_the_direction():
    layer = SpectralConv1D(5, 3)
    layer(X)
    kernel, direction = (keras.ops.convert_to_numpy(v).copy() for v in (layer.kernel, layer.direction))
    layer(X, training=False)
    np.testing.assert_array_equal(layer.direction, direction)
    layer(X, training=True)
    np.testing.assert_array_equal(layer.kernel, kernel)
    assert np.abs(keras.ops.convert_to_numpy(layer.direction) - direction).max() > 0


def test_the_deviation_of_a_group_is_its_mean_spread(tmp_path):
    made = check_layer(MinibatchDeviation(4), X, (10, 4), folder=tmp_path)
    expected = X.astype(np.float64).reshape(2, 4, 10, 3).std(axis=1).mean(axis=(1, 2))
    np.testing.assert_allclose(made[:4, :, 3], expected[0], rtol=1e-4)
    np.testing.assert_allclose(made[4:, :, 3], expected[1], rtol=1e-4)
    alike = MinibatchDeviation(4)(np.repeat(X[:1], 4, axis=0))
    assert float(keras.ops.max(alike[..., 3])) < 1e-3


def test_a_group_that_does_not_fit_is_named():
    with pytest.raises(ValueError, match="a multiple of group = 4; received 6"):
        MinibatchDeviation(4)(X[:6])
    with pytest.raises(ValueError, match="group must be at least 2; received 1"):
        MinibatchDeviation(1)


def test_changes_come_in_training_only_and_differ_between_examples(tmp_path):
    layer = RandomChange(shift=2, level=0.5, mask=3)
    np.testing.assert_array_equal(check_layer(layer, X, (10, 3), folder=tmp_path), X)
    same = np.repeat(X[:1], 8, axis=0)
    changed = keras.ops.convert_to_numpy(layer(same, training=True))
    assert len(np.unique(changed[:, 5, 0])) > 4


def test_a_shift_repeats_the_edge_and_a_level_adds_to_all():
    ramp = np.tile(np.arange(10, dtype=np.float32)[None, :, None], (32, 1, 3))
    moved = keras.ops.convert_to_numpy(RandomChange(shift=2, level=0, mask=0)(ramp, training=True))
    first = moved[:, 0, 0]
    assert set(first) == {0, 1, 2}
    assert set(np.diff(moved[:, :, 0], axis=1).ravel()) == {0, 1}
    raised = keras.ops.convert_to_numpy(RandomChange(shift=0, level=0.3, mask=0)(ramp, training=True)) - ramp
    np.testing.assert_allclose(raised, raised[:, :1, :1] * np.ones((1, 10, 3)), atol=1e-5)
    assert 0.1 < np.abs(raised).max() <= 0.3


def test_the_mask_puts_the_mean_in_place():
    hidden = keras.ops.convert_to_numpy(RandomChange(shift=0, level=0, mask=4)(X, training=True))
    mean = X.mean(axis=(1, 2), keepdims=True)
    different = hidden != X
    assert different.any()
    np.testing.assert_allclose(hidden[different], np.broadcast_to(mean, X.shape)[different], rtol=1e-4)
    assert different.any(axis=2).sum(axis=1).max() <= 4


def test_sizes_below_zero_are_named():
    with pytest.raises(ValueError, match=r"must not be negative; received -1, 0\.2 and 16"):
        RandomChange(shift=-1)
    with pytest.raises(ValueError, match="must be at least 1; received 0, 1, 1 and 1"):
        SpectralConv1D(0)
