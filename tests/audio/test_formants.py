"""Formants move, the pitch does not."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.signal

from course_lib.audio.formants import move_formants

SR, PITCH = 8000, 125.0


def vowel(formant: float) -> np.ndarray:
    """Pulses of 125 Hz through one resonance, shape (8192,)."""
    pulses = np.zeros(8192)
    pulses[:: round(SR / PITCH)] = 1.0
    radius = np.exp(-np.pi * 150 / SR)
    resonance = [1, -2 * radius * np.cos(2 * np.pi * formant / SR), radius**2]
    y = scipy.signal.lfilter([1.0], resonance, pulses)
    return (0.3 * y / np.abs(y).max()).astype(np.float32)


def spectrum(y: np.ndarray) -> np.ndarray:
    return np.abs(np.fft.rfft(y[2048:6144] * np.hanning(4096)))


def peak(y: np.ndarray) -> float:
    """Frequency of the strongest harmonics in Hz: a parabola through three of them."""
    places = np.round(np.arange(1, 31) * PITCH / SR * 4096).astype(int)
    level = np.log([spectrum(y)[place - 3 : place + 4].max() for place in places])
    top = int(level.argmax())
    left, middle, right = level[top - 1 : top + 2]
    return float((top + 1 + (left - right) / (2 * (left - 2 * middle + right))) * PITCH)


@pytest.mark.parametrize("formant", [1000.0, 2000.0])
@pytest.mark.parametrize("factor", [0.8, 1.25])
def test_the_formant_moves_by_the_factor(formant, factor):
    moved = move_formants(vowel(formant)[None], factor)[0]
    assert peak(moved) / peak(vowel(formant)) == pytest.approx(factor, rel=0.04)
    # Still a voice of 125 Hz: only its harmonics hold energy.
    power = spectrum(moved) ** 2
    harmonics = np.round(np.arange(1, 31) * PITCH / SR * 4096).astype(int)
    assert power[harmonics[:, None] + np.arange(-3, 4)].sum() / power.sum() > 0.98


def test_energy_stays_and_a_factor_of_one_changes_nothing():
    y = np.stack([vowel(700.0), vowel(1500.0)])
    np.testing.assert_allclose(move_formants(y, 1.0)[:, :-128], y[:, :-128], atol=1e-3)
    moved = move_formants(y, np.array([0.85, 1.2]))
    np.testing.assert_allclose((moved**2).sum(axis=1), (y**2).sum(axis=1), rtol=1e-4)
    np.testing.assert_allclose(move_formants(y[1:], 1.2)[0], moved[1], atol=1e-5)


def test_silence_stays_silent():
    np.testing.assert_array_equal(move_formants(np.zeros((1, 1024)), 1.2), 0)


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match=r"factor must lie between 0\.5 and 2"):
        move_formants(np.ones((1, 1024)), 3.0)
    with pytest.raises(ValueError, match=r"expected sounds of shape \(sounds, samples\)"):
        move_formants(np.ones(1024), 1.1)
