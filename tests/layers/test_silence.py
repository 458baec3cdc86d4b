"""What lies below a floor is nearly the floor."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from course_lib.layers.silence import Silence


def test_above_the_floor_nothing_changes_and_below_it_hardly_anything_is_left():
    layer = Silence(slope=0.1)
    x = np.array([[[1.0, -3.0], [-4.0, -5.0]]], np.float32)
    np.testing.assert_array_equal(keras.ops.convert_to_numpy(layer(x)), x)
    layer.adapt(np.array([[[-2.0, -3.5], [0.0, 1.0]]]))
    np.testing.assert_allclose(layer(x), [[[1.0, -3.0], [-2.2, -3.65]]], atol=1e-6)
    assert layer.trainable_weights == []


def test_the_slope_is_checked():
    with pytest.raises(ValueError, match="slope must lie between 0 and 1; received 2"):
        Silence(slope=2)
