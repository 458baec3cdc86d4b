"""The blocked product against NumPy's own."""

from __future__ import annotations

import numpy as np
import pytest

from course_lib.audio.product import multiply


@pytest.mark.parametrize("shape", [(128, 129), (3, 128, 129), (2, 3, 37, 129), (1, 129), (5, 0, 129)])
@pytest.mark.parametrize("columns", [1, 64, 129, 3000])
def test_is_the_product(shape, columns):
    rng = np.random.default_rng(0)
    frames, matrix = rng.random(shape), rng.random((129, columns))
    ours = multiply(frames, matrix)
    assert ours.shape == (*shape[:-1], columns)
    np.testing.assert_allclose(ours, frames @ matrix, rtol=1e-12)


def test_a_clip_is_the_same_alone_and_among_others():
    rng = np.random.default_rng(0)
    frames, matrix = rng.random((4, 128, 129), np.float32), rng.random((129, 129), np.float32)
    np.testing.assert_array_equal(multiply(frames, matrix)[2], multiply(frames[2], matrix))
