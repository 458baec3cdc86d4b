"""Knobs on a function that makes a sound, without a front end."""

from __future__ import annotations

import numpy as np
import pytest

from course_lib.audio.phase import griffin_lim
from course_lib.audio.stft import stft
from course_lib.plotting.linear_spectrogram import levels
from course_lib.teaching.sound_knobs import SoundKnobs

TIME = np.arange(8192) / 8000


def tone(hertz, gain):
    y = gain * np.sin(2 * np.pi * hertz * TIME)
    return y, levels(y), f"{hertz} Hz"


@pytest.fixture
def knobs():
    return SoundKnobs(tone, {"hertz": [440, 880], "gain": [0.5, 0.1]})


def test_starts_at_the_first_of_every_setting_and_silent(knobs):
    assert knobs.settings == {"hertz": 440, "gain": 0.5}
    assert "440 Hz" in knobs.caption.value
    assert knobs.audio.value[:4] == b"RIFF"
    assert not knobs.audio.autoplay


def test_starts_where_it_is_told():
    knobs = SoundKnobs(tone, {"hertz": [440, 880], "gain": [0.5, 0.1]}, start={"hertz": 880})
    assert knobs.settings == {"hertz": 880, "gain": 0.5}


def test_a_move_changes_picture_sound_and_caption(knobs):
    before = knobs.audio.value, knobs.image.value
    knobs.sliders["hertz"].value = 880
    assert knobs.audio.value != before[0]
    assert knobs.image.value != before[1]
    assert "880 Hz" in knobs.caption.value
    assert knobs.audio.autoplay


def test_loudness_is_matched_so_that_gain_changes_nothing_but_the_file(knobs):
    first = np.frombuffer(knobs.audio.value[44:], np.int16)
    knobs.sliders["gain"].value = 0.1
    second = np.frombuffer(knobs.audio.value[44:], np.int16)
    assert np.abs(first.astype(int) - second).max() <= 1


@pytest.mark.parametrize("n_fft", [32, 256, 2048])
def test_a_move_takes_at_most_200_ms(n_fft):
    def rebuilt(n_fft, parts):
        y = 0.3 * np.sin(2 * np.pi * 440 * TIME)
        options = {"n_fft": n_fft, "hop_length": n_fft // parts}
        sound = griffin_lim(np.abs(stft(y, **options)), n_iter=20, **options)
        return sound, levels(y, **options), "rebuilt"

    knobs = SoundKnobs(rebuilt, {"n_fft": [n_fft], "parts": [4, 8]})
    took = []
    for _ in range(5):
        knobs.update()
        took.append(knobs.milliseconds)
    assert min(took) < 200


def test_nothing_to_choose_is_refused():
    with pytest.raises(ValueError, match="at least one setting"):
        SoundKnobs(tone, {})
    with pytest.raises(ValueError, match="something to choose"):
        SoundKnobs(tone, {"hertz": []})
    with pytest.raises(ValueError, match=r"hertz cannot start at 7: expected one of \[440\]"):
        SoundKnobs(tone, {"hertz": [440], "gain": [0.5]}, start={"hertz": 7})


def test_prints_itself_without_widgets(knobs):
    assert repr(knobs) == "Knobs: hertz, gain (needs widgets)"
