"""The loss of the masking models against NumPy."""

from __future__ import annotations

import keras
import numpy as np

from course_lib.losses.masking import denoising_loss, masking_loss
from course_lib.losses.separation import compressed_error

RNG = np.random.default_rng(1)
TARGET = RNG.standard_normal((5, 6, 8)).astype(np.float32)
ESTIMATE = (TARGET + 0.5 * RNG.standard_normal((5, 6, 8))).astype(np.float32)


def test_against_the_formula():
    error = ((TARGET - ESTIMATE).astype(np.float64) ** 2).sum((1, 2))
    relative = error / (TARGET.astype(np.float64) ** 2).sum((1, 2))
    heard = keras.ops.convert_to_numpy(compressed_error(TARGET, ESTIMATE))
    expected = np.log10(relative + 1e-3) + relative + 0.3 * heard
    np.testing.assert_allclose(
        keras.ops.convert_to_numpy(masking_loss(TARGET, ESTIMATE)), expected, rtol=1e-4
    )


def test_denoising_against_the_formula():
    error = ((TARGET - ESTIMATE).astype(np.float64) ** 2).sum((1, 2))
    relative = error / (TARGET.astype(np.float64) ** 2).sum((1, 2))
    heard = keras.ops.convert_to_numpy(compressed_error(TARGET, ESTIMATE))
    made = keras.ops.convert_to_numpy(denoising_loss(TARGET, ESTIMATE))
    np.testing.assert_allclose(made, np.log10(relative + 1e-3) + 4 * heard, rtol=1e-4)
    assert (keras.ops.convert_to_numpy(denoising_loss(TARGET, TARGET)) < made).all()


def test_silence_where_nothing_was_wanted_is_best_and_sound_has_a_bound():
    nothing = np.zeros_like(TARGET)
    quiet, loud, louder = (
        float(keras.ops.mean(masking_loss(nothing, k * TARGET))) for k in (0.0, 1.0, 1.0001)
    )
    assert quiet < loud
    assert np.isfinite([quiet, loud, louder]).all()
