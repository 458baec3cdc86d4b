"""Oracle masks against their formulas, what theory says of them, and the order of the reference numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.evaluation import masks
from course_lib.evaluation.signal import si_sdr

IN_UNIT = ("ideal_ratio", "ideal_binary", "wiener_like", "truncated_phase_sensitive")


def _literal(name: str, s: complex, x: complex) -> float:
    """One bin by the formula of the paper."""
    n = x - s
    if name == "phase_sensitive" or name == "truncated_phase_sensitive":
        value = abs(s) / abs(x) * np.cos(np.angle(s) - np.angle(x))
        return float(np.clip(value, 0, 1)) if name.startswith("truncated") else float(value)
    return {
        "ideal_binary": lambda: 1.0 if abs(s) > abs(n) else 0.0,
        "ideal_ratio": lambda: abs(s) / (abs(s) + abs(n)),
        "wiener_like": lambda: abs(s) ** 2 / (abs(s) ** 2 + abs(n) ** 2),
    }[name]()


def _spectra(seed: int, shape=(3, 5, 9)) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    target, rest = rng.normal(size=(2, *shape)) + 1j * rng.normal(size=(2, *shape))
    return target, target + rng.uniform(0.01, 10) * rest


@pytest.fixture(scope="module")
def pair(digit_clips) -> tuple[np.ndarray, np.ndarray]:
    """Twelve targets and their mixtures at 0 dB, shape (12, 8192)."""
    from course_lib.data.mixtures import random_mixtures

    mixtures = random_mixtures(
        digit_clips[1], 12, rng=np.random.default_rng(3), snr_db=(0.0, 0.0), aligned=True
    )
    return mixtures.sources[:, 0], mixtures.mixture


def _gain(pair, name: str, n_fft: int, hop_length: int) -> float:
    made = masks.oracle(name, *pair, n_fft=n_fft, hop_length=hop_length)
    return float(
        np.mean([si_sdr(t, e) - si_sdr(t, x) for t, e, x in zip(pair[0], made, pair[1], strict=True)])
    )


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("name", masks.MASKS)
def test_every_mask_is_its_formula(name, seed):
    target, mixture = _spectra(seed)
    made = masks.MASKS[name](target, mixture)
    expected = [_literal(name, s, x) for s, x in zip(target.ravel(), mixture.ravel(), strict=True)]
    assert made.ravel() == pytest.approx(expected, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("name", masks.MASKS)
def test_silence_and_a_target_alone(name):
    target, _ = _spectra(0)
    silent = np.zeros_like(target)
    assert not masks.MASKS[name](silent, silent).any()
    assert not masks.MASKS[name](silent, target).any()
    assert masks.MASKS[name](target, target) == pytest.approx(np.ones(target.shape))
    # Nothing left of the mixture where both cancel: no mask can bring it back, none may blow up.
    assert np.isfinite(masks.MASKS[name](target, silent)).all()


@given(seed=st.integers(0, 10_000), spread=st.floats(0.0, 3.0))
def test_no_real_mask_has_less_squared_error_than_the_phase_sensitive(seed, spread):
    target, mixture = _spectra(seed)
    best = masks.phase_sensitive(target, mixture)
    other = best + spread * np.random.default_rng(seed + 1).normal(size=best.shape)
    for rival in (other, *(masks.MASKS[name](target, mixture) for name in IN_UNIT)):
        assert (np.abs(target - best * mixture) ** 2 <= np.abs(target - rival * mixture) ** 2 + 1e-9).all()
    within = masks.truncated_phase_sensitive(target, mixture)
    for rival in (np.clip(other, 0, 1), masks.wiener_like(target, mixture)):
        assert (np.abs(target - within * mixture) ** 2 <= np.abs(target - rival * mixture) ** 2 + 1e-9).all()


@pytest.mark.parametrize("size", [(256, 64), (512, 128)])
def test_two_voices_in_the_order_and_the_range_of_the_reference_numbers(pair, size):
    """Aligned digits at 0 dB: 10.7, 11.4, 11.8, 12.6 and 14.4 dB at 256/64, about 1.5 dB more at 512/128."""
    gains = [_gain(pair, name, *size) for name in masks.MASKS]
    assert gains == sorted(gains)
    expected = np.array([10.7, 11.4, 11.8, 12.6, 14.4]) + (1.6 if size == (512, 128) else 0)
    assert gains == pytest.approx(expected, abs=2.0)
    # What negative and large gains are worth: the reference numbers say 1.8 dB.
    assert gains[-1] - gains[-2] == pytest.approx(1.8, abs=0.5)


def test_longer_windows_resolve_voices_better(pair):
    assert _gain(pair, "phase_sensitive", 512, 128) > _gain(pair, "phase_sensitive", 256, 64) + 0.5


@pytest.mark.parametrize(("n_fft", "hop_length"), [(256, 64), (512, 128), (512, 64), (400, 100)])
@pytest.mark.parametrize("samples", [8192, 5001])
def test_a_mask_of_ones_gives_the_mixture_back(n_fft, hop_length, samples):
    y = np.random.default_rng(1).normal(size=(2, samples)).astype(np.float32)
    sizes = {"n_fft": n_fft, "hop_length": hop_length}
    back = masks.apply(lambda spectrum: np.ones(spectrum.shape), y, **sizes)
    assert back.shape == y.shape
    assert back.dtype == np.float32
    assert back == pytest.approx(y, abs=1e-5)
    frames = -(-samples // hop_length) + 1
    assert masks.apply(np.ones((2, frames, n_fft // 2 + 1)), y, **sizes) == pytest.approx(back)


def test_batches_and_single_sounds_agree(pair):
    target, mixture = pair
    together = masks.oracle("wiener_like", target[:2], mixture[:2])
    assert masks.oracle("wiener_like", target[1], mixture[1]) == pytest.approx(together[1], abs=1e-6)


def test_what_is_refused(pair):
    target, mixture = _spectra(0)
    with pytest.raises(ValueError, match=r"mask must be one of ideal_ratio.*received 'best'"):
        masks.oracle("best", *pair)
    with pytest.raises(ValueError, match=r"received \(3, 5, 9\) and \(3, 4, 9\)"):
        masks.ideal_ratio(target, mixture[:, :4])
    with pytest.raises(ValueError, match="the target's spectrum must be complex; received float64"):
        masks.ideal_binary(np.abs(target), mixture)
    with pytest.raises(ValueError, match="the mixture's spectrum holds NaN"):
        masks.wiener_like(target, mixture * np.nan)
    with pytest.raises(ValueError, match=r"expected a mask of shape \(129, 129\); received \(2, 2\)"):
        masks.apply(np.ones((2, 2)), pair[1][0])
