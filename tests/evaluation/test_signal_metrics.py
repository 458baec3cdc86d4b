"""SNR and SI-SDR against their closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.evaluation.signal import si_sdr, snr


def _orthogonal(seed: int = 0, n: int = 1000) -> tuple[np.ndarray, np.ndarray]:
    """Signal and noise of mean zero, unit energy and no correlation."""
    rng = np.random.default_rng(seed)
    basis, _ = np.linalg.qr(np.column_stack([np.ones(n), rng.normal(size=(n, 2))]))
    return basis[:, 1], basis[:, 2]


@settings(max_examples=40, deadline=None)
@given(db=st.floats(-40, 60), seed=st.integers(0, 1000))
def test_noise_of_a_known_level_has_that_ratio(db, seed):
    signal, noise = _orthogonal(seed)
    estimate = signal + 10 ** (-db / 20) * noise
    assert snr(signal, estimate) == pytest.approx(db, abs=1e-6)
    assert si_sdr(signal, estimate) == pytest.approx(db, abs=1e-6)


@settings(max_examples=40, deadline=None)
@given(gain=st.floats(0.01, 100), sign=st.sampled_from([-1, 1]), offset=st.floats(-1, 1))
def test_si_sdr_ignores_gain_and_offset(gain, sign, offset):
    signal, noise = _orthogonal()
    assert si_sdr(signal, sign * gain * (signal + 0.1 * noise) + offset) == pytest.approx(20.0, abs=1e-4)


def test_snr_does_not_ignore_gain():
    signal, _ = _orthogonal()
    assert snr(signal, 0.5 * signal) == pytest.approx(20 * np.log10(2))
    assert snr(signal, -signal) == pytest.approx(-20 * np.log10(2))


def test_the_ends_of_the_scale():
    signal, noise = _orthogonal()
    assert snr(signal, signal) == np.inf
    assert si_sdr(signal, 3 * signal) == np.inf
    assert si_sdr(signal, np.zeros_like(signal)) == -np.inf
    assert si_sdr(signal, noise) < -250


@pytest.mark.parametrize("metric", [snr, si_sdr])
@pytest.mark.parametrize(
    ("reference", "estimate", "message"),
    [
        (np.ones((2, 8)), np.ones((2, 8)), r"reference must be mono .* received shape \(2, 8\)"),
        (np.ones(8), np.ones(9), "equally long; received 8 and 9 samples"),
        (np.zeros(8), np.ones(8), "the reference is silent"),
        (np.ones(8), np.full(8, np.nan), "estimate holds 8 NaN or infinite"),
        (np.ones(8), np.array(["a"] * 8), "estimate must hold real numbers"),
        (np.zeros(0), np.zeros(0), "expected at least [12] samples; received 0"),
    ],
)
def test_what_cannot_be_compared_is_named(metric, reference, estimate, message):
    with pytest.raises(ValueError, match=message):
        metric(reference, estimate)


def test_a_constant_has_no_si_sdr():
    with pytest.raises(ValueError, match="the reference is constant"):
        si_sdr(np.ones(8), np.arange(8.0))
