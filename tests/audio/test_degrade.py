"""What every degradation promises: the registry, exact ratios, repeatability, clear errors."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

from course_lib.audio.degrade import DEGRADATIONS, Degradation, degrade
from course_lib.audio.files import AudioError

ADDITIVE = [name for name, entry in DEGRADATIONS.items() if entry.unit == "dB"]
ON_SAMPLES = [name for name, entry in DEGRADATIONS.items() if entry.domain == "samples"]
ON_FEATURES = [name for name, entry in DEGRADATIONS.items() if entry.domain == "features"]


def options(kind, speech_like) -> dict:
    return {"voices": list(speech_like[1:])} if kind == "babble" else {}


def sound(kind, speech_like) -> np.ndarray:
    if kind in ON_FEATURES:
        return speech_like[:2].reshape(2, 128, 64).copy()
    return speech_like[0].copy()


def test_every_kind_is_there():
    assert set(ADDITIVE) == {"gaussian", "pink", "brown", "hum", "babble", "clicks"}
    assert set(ON_FEATURES) == {"mask_time", "mask_frequency"}
    assert set(ON_SAMPLES) - set(ADDITIVE) == {
        "salt_and_pepper",
        "clipping",
        "band_limit",
        "reverberation",
        "quantise",
        "dropped_frames",
    }


@pytest.mark.parametrize("kind", DEGRADATIONS)
def test_an_entry_says_what_a_slider_needs(kind):
    entry = DEGRADATIONS[kind]
    assert entry.name == kind
    assert entry.title
    assert entry.measure
    assert entry.unit in ("dB", "%", "Hz", "s", "bits")
    assert entry.low < entry.high
    assert entry.hint.endswith(".")
    assert entry.parameter in inspect.signature(entry.function).parameters


@pytest.mark.parametrize("kind", ADDITIVE)
@pytest.mark.parametrize("severity", [-10.0, 0.0, 7.3, 40.0])
def test_additive_noise_has_its_exact_ratio(kind, severity, speech_like):
    y = speech_like[0]
    noisy = degrade(
        y, kind=kind, severity=severity, rng=np.random.default_rng(1), **options(kind, speech_like)
    )
    ratio = 10 * np.log10(np.sum(y.astype(np.float64) ** 2) / np.sum((noisy.astype(np.float64) - y) ** 2))
    assert ratio == pytest.approx(severity, abs=1e-3)


@pytest.mark.parametrize("kind", DEGRADATIONS)
def test_same_generator_same_result_and_the_input_untouched(kind, speech_like):
    y = sound(kind, speech_like)
    before = y.copy()
    first, again, other = (
        degrade(y, kind=kind, rng=np.random.default_rng(seed), **options(kind, speech_like))
        for seed in (3, 3, 4)
    )
    assert first.dtype == np.float32
    assert first.shape == y.shape
    assert np.array_equal(first, again)
    assert np.array_equal(y, before)
    assert not np.array_equal(first, before)
    random = "rng" in inspect.signature(DEGRADATIONS[kind].function).parameters
    assert np.array_equal(first, other) is not random


@pytest.mark.parametrize("kind", DEGRADATIONS)
def test_both_ends_of_the_range_work_and_beyond_them_not(kind, speech_like):
    entry, y, given = DEGRADATIONS[kind], sound(kind, speech_like), options(kind, speech_like)
    error = []
    for severity in (entry.low, entry.high):
        damaged = degrade(y, kind=kind, severity=severity, rng=np.random.default_rng(0), **given)
        assert np.isfinite(damaged).all()
        error.append(np.mean((damaged - y) ** 2))
    # A longer reverberation has the same energy; all others differ more from the clean sound.
    assert kind == "reverberation" or (error[0] > error[1]) == (entry.worse == "lower")
    for severity in (entry.low - 1, entry.high + 1, float("nan"), "much"):
        with pytest.raises(ValueError, match=f"severity of {kind} .* must lie between .* {entry.unit}"):
            degrade(y, kind=kind, severity=severity, rng=np.random.default_rng(0), **given)


@pytest.mark.parametrize("kind", ON_SAMPLES)
def test_unusable_sounds_are_refused(kind, speech_like):
    def apply(y):
        return degrade(y, kind=kind, rng=np.random.default_rng(0), **options(kind, speech_like))

    y = speech_like[0]
    with pytest.raises(AudioError, match="63 samples; expected at least 64"):
        apply(y[:63])
    with pytest.raises(AudioError, match="empty"):
        apply(y[:0])
    with pytest.raises(AudioError, match="NaN or infinite"):
        apply(np.where(np.arange(len(y)) == 9, np.nan, y))
    with pytest.raises(AudioError, match=r"mono with shape \(samples,\)"):
        apply(y[None])
    silence = np.zeros(4000, np.float32)
    if kind in (*ADDITIVE, "clipping", "salt_and_pepper"):
        with pytest.raises(AudioError, match="y is silent"):
            apply(silence)
    else:
        assert not apply(silence).any()


@pytest.mark.parametrize("kind", [kind for kind in ON_SAMPLES if kind != "dropped_frames"])
def test_the_shortest_sound_works(kind, speech_like):
    y = speech_like[0, 3000:3064]
    damaged = degrade(y, kind=kind, rng=np.random.default_rng(0), **options(kind, speech_like))
    assert damaged.shape == (64,)
    assert np.isfinite(damaged).all()


@pytest.mark.parametrize("kind", ON_FEATURES)
def test_unusable_features_are_refused(kind):
    with pytest.raises(ValueError, match=r"shape \(..., frames, bands\); received \(5,\)"):
        degrade(np.zeros(5), kind=kind, rng=np.random.default_rng(0))
    with pytest.raises(ValueError, match="features hold NaN"):
        degrade(np.full((8, 8), np.nan), kind=kind, rng=np.random.default_rng(0))


def test_unknown_names_list_the_valid_ones(speech_like):
    rng, y = np.random.default_rng(0), speech_like[0]
    with pytest.raises(ValueError, match="unknown degradation 'purple'; expected one of gaussian, pink"):
        degrade(y, kind="purple", rng=rng)
    with pytest.raises(ValueError, match="gaussian has no option mains_hz; it knows level"):
        degrade(y, kind="gaussian", rng=rng, mains_hz=50)
    with pytest.raises(ValueError, match="clipping has no option level; it knows none"):
        degrade(y, kind="clipping", rng=rng, level="active")
    with pytest.raises(ValueError, match=r"babble needs voices=\.\.\."):
        degrade(y, kind="babble", rng=rng)
    with pytest.raises(ValueError, match="default must lie in"):
        Degradation("x", "X", np.clip, "a", "x", "dB", 0, 1, 2, "lower", "x.")
    with pytest.raises(ValueError, match="worse must be"):
        Degradation("x", "X", np.clip, "a", "x", "dB", 0, 1, 1, "up", "x.")
