"""SDR, SIR and SAR against mir_eval, whose code follows the authors' own."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from course_lib.evaluation.distortion import bss_eval, sdr
from course_lib.evaluation.signal import si_sdr


def _by_mir_eval(references: np.ndarray, estimates: np.ndarray, *, any_order: bool = False) -> dict:
    from mir_eval.separation import bss_eval_sources

    with warnings.catch_warnings():
        # The module is deprecated there, one ratio divides by zero, and neither is news.
        warnings.simplefilter("ignore")
        scores = bss_eval_sources(references, estimates, compute_permutation=any_order)
    return dict(zip(("sdr", "sir", "sar", "order"), scores, strict=True))


def _scene(seed: int, n_sources: int) -> tuple[np.ndarray, np.ndarray]:
    """Coloured sources of unequal level, and estimates that leak, echo and hiss."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(550, 2500))
    references = np.array(
        [np.convolve(rng.normal(size=n), rng.normal(size=6), "same") for _ in range(n_sources)]
    )
    references *= 10 ** rng.uniform(-2, 0, size=(n_sources, 1))
    room = rng.normal(size=40) * np.exp(-np.arange(40) / 8)
    estimates = np.array([np.convolve(y, room)[:n] for y in references])
    estimates += rng.uniform(0, 0.3) * rng.permutation(references)
    estimates += 10 ** rng.uniform(-4, 0) * references.std() * rng.normal(size=estimates.shape)
    return references, estimates


@pytest.mark.parametrize("seed", range(22))
def test_one_source_agrees_with_mir_eval(seed):
    references, estimates = _scene(seed, 1)
    expected = _by_mir_eval(references, estimates)
    assert sdr(references[0], estimates[0]) == pytest.approx(expected["sdr"][0], abs=1e-6)
    made = bss_eval(references, estimates)
    assert made["sar"] == pytest.approx(expected["sar"], abs=1e-6)
    assert made["sir"].tolist() == [np.inf]


@pytest.mark.parametrize("seed", range(20))
def test_two_sources_agree_with_mir_eval(seed):
    references, estimates = _scene(100 + seed, 2)
    any_order = seed % 4 == 0
    if any_order:
        estimates = estimates[::-1]
    made = bss_eval(references, estimates, any_order=any_order)
    expected = _by_mir_eval(references, estimates, any_order=any_order)
    for name in ("sdr", "sir", "sar"):
        assert made[name] == pytest.approx(expected[name], abs=1e-6), name
    assert made["order"].tolist() == expected["order"].tolist() == ([1, 0] if any_order else [0, 1])


def test_three_sources_in_any_order():
    references, estimates = _scene(7, 3)
    shuffled = estimates[[2, 0, 1]]
    made = bss_eval(references, shuffled, any_order=True)
    assert made["order"].tolist() == [1, 2, 0]
    straight = bss_eval(references, estimates)
    for name in ("sdr", "sir", "sar"):
        assert made[name] == pytest.approx(straight[name])


def test_a_gain_a_delay_and_a_filter_are_forgiven():
    rng = np.random.default_rng(0)
    y = np.pad(rng.normal(size=2000), (0, 600))
    delayed = np.roll(y, 300)
    assert sdr(y, -5 * y) > 200
    assert sdr(y, delayed) > 200
    assert si_sdr(y, delayed) < -20
    assert sdr(y, np.convolve(y, [1, 0.8, 0, -0.4])[: len(y)]) > 200
    # Later than the filter is long: nothing is forgiven.
    assert sdr(y, np.roll(y, 590)) < 1


def test_one_tap_is_si_sdr_without_its_mean():
    rng = np.random.default_rng(1)
    x = rng.normal(size=1000)
    y = x + 0.3 * rng.normal(size=1000)
    x, y = x - x.mean(), y - y.mean()
    assert sdr(x, y, filter_length=1) == pytest.approx(si_sdr(x, y), abs=1e-9)


def test_noise_of_a_known_level_is_found():
    rng = np.random.default_rng(2)
    x = rng.normal(size=30000)
    for db in (-5, 10, 30):
        estimate = x + 10 ** (-db / 20) * rng.normal(size=30000)
        # 512 free taps explain 512 / 30000 of any noise by chance.
        assert sdr(x, estimate) == pytest.approx(db, abs=0.3)


def test_interference_and_artifacts_are_told_apart():
    rng = np.random.default_rng(3)
    a, b, hiss = rng.normal(size=(3, 8000))
    leaking = bss_eval(np.stack([a, b]), np.stack([a + 0.1 * b, b + 0.1 * a]))
    assert leaking["sir"] == pytest.approx([20, 20], abs=1)
    assert min(leaking["sar"]) > 100
    hissing = bss_eval(np.stack([a, b]), np.stack([a + 0.1 * hiss, b + 0.1 * hiss]))
    assert hissing["sar"] == pytest.approx([20, 20], abs=1)
    assert min(hissing["sir"]) > 25


@pytest.mark.parametrize("level", [1e-6, 1e4])
def test_levels_do_not_count(level):
    references, estimates = _scene(11, 2)
    scaled = bss_eval(references * [[level], [1]], estimates * [[1], [level]])
    for name, expected in bss_eval(references, estimates).items():
        assert scaled[name] == pytest.approx(expected, abs=1e-6)


def test_edges():
    rng = np.random.default_rng(4)
    noise = rng.normal(size=800)
    assert sdr(noise, 0 * noise) == -np.inf
    assert sdr(noise[:1], noise[:1]) > 200
    assert sdr(noise[:100], noise[:100] + 0.1) < 60
    # Smooth sounds whose delays are nearly alike: the least-squares problem has no unique answer.
    bump = np.exp(-(((np.arange(2000) - 1000) / 150) ** 2))
    disturbed = bump + 1e-2 * np.sin(np.arange(2000))
    signal, rest = np.sum(bump**2), np.sum((disturbed - bump) ** 2)
    assert sdr(bump, disturbed) == pytest.approx(10 * np.log10(signal / rest), abs=1)
    silent = bss_eval(np.stack([noise, noise[::-1]]), np.stack([noise, 0 * noise]), any_order=True)
    assert silent["order"].tolist() == [0, 1]
    assert silent["sdr"][1] == -np.inf


@pytest.mark.parametrize(
    ("references", "estimates", "message"),
    [
        (np.ones(8), np.ones(8), r"references must have shape \(sources, samples\); received shape \(8,\)"),
        (np.ones((2, 8)), np.ones((3, 8)), r"one shape; received \(2, 8\) and \(3, 8\): give one estimate"),
        (np.ones((2, 8)), np.full((2, 8), np.nan), r"estimates\[0\] holds 8 NaN or infinite samples of 8"),
        (np.eye(2, 8) * [[1], [0]], np.ones((2, 8)), r"references\[1\] is silent: leave that source"),
        (np.eye(7, 8), np.eye(7, 8), "at most 6 sources; received 7"),
    ],
)
def test_what_cannot_be_scored_is_named(references, estimates, message):
    with pytest.raises(ValueError, match=message):
        bss_eval(references, estimates)


@pytest.mark.parametrize("taps", [0, 2.5, -3])
def test_a_filter_has_a_whole_number_of_taps(taps):
    with pytest.raises(ValueError, match=f"filter_length must be a whole number from 1; received {taps}"):
        sdr(np.ones(8), np.ones(8), filter_length=taps)
