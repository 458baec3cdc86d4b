"""Sample-by-sample metrics against their closed forms and against their papers' formulas written out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.evaluation.signal import segmental_snr, si_sdr, si_sdr_improvement, snr


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


def _pair(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A reference and an estimate of any length, level, offset, correlation and type."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(400, 3000))
    x = rng.normal(size=n) * 10 ** rng.uniform(-4, 1) + rng.choice([0.0, 0.3])
    x[: n // 4] *= rng.choice([0.0, 1e-3, 1.0])
    y = rng.choice([-1.0, 0.5, 1.0]) * x + rng.normal(size=n) * np.std(x) * 10 ** rng.uniform(-4, 1)
    return (x, y) if seed % 3 else (x.astype(np.float32), y.astype(np.float32))


@pytest.mark.parametrize("seed", range(24))
def test_snr_is_the_formula(seed):
    x, y = _pair(seed)
    x, y = x.tolist(), y.tolist()
    signal, noise = sum(a * a for a in x), sum((a - b) ** 2 for a, b in zip(x, y, strict=True))
    assert snr(x, y) == pytest.approx(10 * np.log10(signal / noise), abs=1e-8)


@pytest.mark.parametrize("seed", range(24))
def test_si_sdr_is_equation_3_of_the_paper(seed):
    x, y = (np.array(signal, np.float64) for signal in _pair(seed))
    s, s_hat = x - np.mean(x), y - np.mean(y)
    alpha = s_hat @ s / np.linalg.norm(s) ** 2
    expected = 10 * np.log10(np.linalg.norm(alpha * s) ** 2 / np.linalg.norm(alpha * s - s_hat) ** 2)
    assert si_sdr(x, y) == pytest.approx(expected, abs=1e-8)


def _segmental_snr_by_loizou(clean: np.ndarray, processed: np.ndarray, sr: int) -> float:
    """The book's comp_snr, line by line, except that frames of digital silence are left out."""
    winlength = round(30 * sr / 1000)
    skiprate = int(winlength / 4)
    window = 0.5 * (1 - np.cos(2 * np.pi * np.arange(1, winlength + 1) / (winlength + 1)))
    segments, start = [], 0
    while start + winlength <= len(clean):
        clean_frame = clean[start : start + winlength] * window
        processed_frame = processed[start : start + winlength] * window
        signal_energy = np.sum(clean_frame**2)
        noise_energy = np.sum((clean_frame - processed_frame) ** 2)
        if signal_energy:
            value = 10 * np.log10(signal_energy / (noise_energy + 1e-300) + 1e-300)
            segments.append(min(max(value, -10), 35))
        start += skiprate
    return float(np.mean(segments))


@pytest.mark.parametrize("seed", range(24))
def test_segmental_snr_follows_the_book(seed):
    x, y = (np.array(signal, np.float64) for signal in _pair(seed))
    sr = (8000, 11025, 4000)[seed % 3]
    assert segmental_snr(x, y, sr=sr) == pytest.approx(_segmental_snr_by_loizou(x, y, sr), abs=1e-8)


def test_the_ends_of_segmental_snr():
    rng = np.random.default_rng(0)
    x = rng.normal(size=4000)
    assert segmental_snr(x, x, sr=8000) == pytest.approx(35)
    assert segmental_snr(x, -1000 * x, sr=8000) == pytest.approx(-10)
    assert segmental_snr(x, 0 * x, sr=8000) == pytest.approx(0, abs=1e-9)
    # One lost half among perfect ones: the energy says 3 dB, the segments that half of it is perfect.
    half = np.where(np.arange(4000) < 2000, x, 0)
    assert snr(x, half) == pytest.approx(3, abs=0.3)
    assert segmental_snr(x, half, sr=8000) == pytest.approx(17.5, abs=1)
    padded = np.pad(x, (0, 8000))
    assert segmental_snr(padded, padded, sr=8000) == pytest.approx(35)


@pytest.mark.parametrize(
    ("reference", "sr", "message"),
    [
        (np.ones(100), 8000, "expected at least 240 samples; received 100: give a longer sound"),
        (np.r_[np.zeros(300), 1.0], 8000, "every whole frame of the reference is silent"),
        (np.ones(1000), 0, "sr must be a positive sampling rate in Hz; received 0"),
        (np.ones(1000), "8000", "sr must be a positive sampling rate in Hz; received '8000'"),
    ],
)
def test_segmental_snr_says_what_it_needs(reference, sr, message):
    with pytest.raises(ValueError, match=message):
        segmental_snr(reference, reference, sr=sr)


@pytest.mark.parametrize("seed", range(24))
def test_the_improvement_is_what_the_noise_lost(seed):
    signal, noise = _orthogonal(seed)
    rng = np.random.default_rng(seed)
    before, after = rng.uniform(-20, 40, size=2)
    mixture = signal + 10 ** (-before / 20) * noise
    estimate = rng.choice([0.1, -3]) * (signal + 10 ** (-after / 20) * noise) + 0.5
    assert si_sdr_improvement(signal, estimate, mixture=mixture) == pytest.approx(after - before, abs=1e-5)
    assert si_sdr_improvement(signal, mixture, mixture=mixture) == 0


@pytest.mark.parametrize(
    ("mixture", "message"),
    [
        (lambda x: 2 * x, "the mixture is the reference itself, scaled"),
        (lambda x: 0 * x, "the mixture holds nothing of the reference"),
        (lambda x: x[1:], "reference and mixture must be equally long; received 1000 and 999"),
        (lambda x: np.full(1000, np.inf), "mixture holds 1000 NaN or infinite samples of 1000"),
    ],
)
def test_an_improvement_needs_a_mixture_that_can_be_improved(mixture, message):
    signal, noise = _orthogonal()
    with pytest.raises(ValueError, match=message):
        si_sdr_improvement(signal, signal + noise, mixture=mixture(signal))


@pytest.mark.parametrize("value", [1.0, 0.1, 1e-7, -3e5])
def test_a_constant_at_any_level_has_no_si_sdr(value):
    # The mean of a thousand times 0.1 is not 0.1 in floating point.
    with pytest.raises(ValueError, match="the reference is constant"):
        si_sdr(np.full(1000, value), np.arange(1000.0))


@pytest.mark.parametrize("level", [1e-30, 1e-6, 1.0, 1e6])
def test_the_level_of_both_does_not_count(level):
    x, y = (np.array(signal, np.float64) for signal in _pair(1))
    for metric in (snr, si_sdr, lambda a, b: segmental_snr(a, b, sr=8000)):
        assert metric(level * x, level * y) == pytest.approx(metric(x, y), abs=1e-6)
