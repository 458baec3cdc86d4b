"""Notes keep their level and attack; noises fill the clip with their loudest stretch."""

from __future__ import annotations

import numpy as np
import pytest

from course_lib.audio.files import AudioError
from course_lib.audio.level import active_rms
from course_lib.data.clips import ONSET_SECONDS
from course_lib.data.preparation import STYLES, prepare_noise, prepare_note

ONSET = round(ONSET_SECONDS * 8000)


def note(level: float, before: int = 0, samples: int = 32_000) -> np.ndarray:
    t = np.arange(samples) / 8000
    return np.concatenate([np.zeros(before), level * np.sin(2 * np.pi * 220 * t)]).astype(np.float32)


@pytest.mark.parametrize("level", [0.01, 0.1, 0.9])
def test_a_note_keeps_its_level_and_begins_at_64_ms(level):
    clip, length = prepare_note(note(level, before=500))
    assert length == 8192
    assert not clip[: ONSET - 1].any()
    assert np.abs(clip[ONSET : ONSET + 40]).max() == pytest.approx(level, rel=0.05)
    assert np.sqrt((clip[ONSET:-100] ** 2).mean()) == pytest.approx(level / np.sqrt(2), rel=0.02)


def test_a_note_is_cut_with_a_fade_and_a_short_one_ends_early():
    clip, _ = prepare_note(note(0.5))
    assert abs(clip[-1]) < 0.001
    clip, length = prepare_note(note(0.5, samples=2000))
    assert length == pytest.approx(ONSET + 2000, abs=2)
    assert not clip[length:].any()


def test_a_noise_is_its_loudest_stretch():
    rng = np.random.default_rng(0)
    y = 0.01 * rng.normal(size=40_000)
    y[20_000:28_192] *= 20
    clip, length = prepare_noise(y.astype(np.float32))
    assert length == 8192
    expected = y[20_000:28_192]
    assert np.corrcoef(clip, expected)[0, 1] > 0.99
    assert 20 * np.log10(active_rms(clip)) == pytest.approx(-22, abs=0.1)


def test_a_short_noise_is_followed_by_zeros():
    clip, length = prepare_noise((0.1 * np.random.default_rng(0).normal(size=3000)).astype(np.float32))
    assert length == 3000
    assert not clip[3000:].any()


@pytest.mark.parametrize("style", sorted(STYLES))
def test_silence_is_named(style):
    with pytest.raises(AudioError, match="silent"):
        STYLES[style](np.full(9000, 0.25, np.float32))


@pytest.mark.parametrize("style", sorted(STYLES))
@pytest.mark.parametrize("n_samples", [4096, 16_384])
def test_every_style_fills_any_clip(style, n_samples):
    clip, length = STYLES[style](note(0.3, before=800), n_samples)
    assert clip.shape == (n_samples,)
    assert clip.dtype == np.float32
    assert 1 <= length <= n_samples
    assert not clip[length:].any()
