"""Losses of masks against NumPy, and their gradients against finite differences."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from course_lib.evaluation.signal import si_sdr
from course_lib.losses.separation import compressed_error, negative_si_sdr, negative_snr
from tests.gradients import check_gradient

RNG = np.random.default_rng(0)
TARGET, ESTIMATE = RNG.standard_normal((2, 3, 5, 8))


def as_numpy(x):
    return keras.ops.convert_to_numpy(x)


def test_negative_snr_is_the_ratio_of_energies():
    error, energy = ((TARGET - ESTIMATE) ** 2).sum((1, 2)), (TARGET**2).sum((1, 2))
    made = as_numpy(negative_snr(TARGET, ESTIMATE, best_db=200.0))
    np.testing.assert_allclose(made, 10 * np.log10(error / energy), rtol=1e-5)
    # A tenth of the target missing is 20 dB.
    np.testing.assert_allclose(as_numpy(negative_snr(TARGET, 0.9 * TARGET, best_db=200.0)), -20, atol=1e-3)
    assert as_numpy(negative_snr(TARGET, TARGET, best_db=30.0)) == pytest.approx(-30.0, abs=1e-3)


def test_negative_si_sdr_is_the_metric():
    target, estimate = RNG.standard_normal((2, 3, 400))
    estimate = 3 * (target + 0.3 * estimate) + 0.2
    expected = [-si_sdr(t, e) for t, e in zip(target, estimate, strict=True)]
    np.testing.assert_allclose(
        as_numpy(negative_si_sdr(target, estimate, best_db=200.0)), expected, rtol=1e-4
    )
    scaled = as_numpy(negative_si_sdr(target, 7 * estimate - 1, best_db=200.0))
    np.testing.assert_allclose(scaled, expected, rtol=1e-4)


def test_compressed_error_is_a_distance_of_compressed_spectra():
    def compressed(x):
        bins = x[..., :4] + 1j * x[..., 4:]
        return np.abs(bins) ** 0.3, bins * np.abs(bins) ** -0.7

    (a, az), (b, bz) = compressed(TARGET), compressed(ESTIMATE)
    magnitude, plane = ((a - b) ** 2).mean((1, 2)), (np.abs(az - bz) ** 2).mean((1, 2))
    for weight in (0.0, 0.25, 1.0):
        made = as_numpy(compressed_error(TARGET, ESTIMATE, phase_weight=weight))
        np.testing.assert_allclose(made, (1 - weight) * magnitude + weight * plane, rtol=1e-3)


def test_magnitudes_alone_do_not_hear_the_phase():
    # Every bin turned by a right angle: (real, imaginary) -> (-imaginary, real).
    turned = np.concatenate([-TARGET[..., 4:], TARGET[..., :4]], axis=-1)
    np.testing.assert_allclose(as_numpy(compressed_error(TARGET, turned, phase_weight=0.0)), 0, atol=1e-9)
    assert (as_numpy(compressed_error(TARGET, turned, phase_weight=1.0)) > 0.5).all()


@pytest.mark.parametrize("loss", [negative_snr, compressed_error, negative_si_sdr])
def test_silence_is_finite(loss):
    silent, wrong = np.zeros((2, 64), np.float32), np.ones((2, 64), np.float32)
    if loss is compressed_error:
        silent, wrong = silent.reshape(2, 8, 8), wrong.reshape(2, 8, 8)
    for pair in ((silent, silent), (silent, wrong), (wrong, silent)):
        assert np.isfinite(as_numpy(loss(*pair))).all()


@pytest.mark.parametrize("loss", [negative_snr, negative_si_sdr, compressed_error])
def test_gradients_are_those_of_finite_differences(loss):
    target, estimate = RNG.standard_normal((2, 2, 24))
    if loss is compressed_error:
        target, estimate = target.reshape(2, 3, 8), estimate.reshape(2, 3, 8)
    check_gradient(lambda x: loss(target, x), estimate)
