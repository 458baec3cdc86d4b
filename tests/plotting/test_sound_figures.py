"""Figures of samples, lines and linear spectra: data, units, description, and what they refuse."""

from __future__ import annotations

import numpy as np
import pytest

from course_lib.plotting.description import alt_text
from course_lib.plotting.linear_spectrogram import levels, linear_spectrogram
from course_lib.plotting.lines import lines
from course_lib.plotting.samples import samples

TIME = np.arange(8000) / 8000
TONE = (0.5 * np.sin(2 * np.pi * 1000 * TIME)).astype(np.float32)


def test_samples_shows_each_sample_of_the_stretch_at_its_time():
    figure = samples({"tone": TONE, "half": TONE / 2}, start=0.1, seconds=0.005)
    axes = figure.axes[0]
    assert axes.get_xlabel() == "time (ms)"
    assert axes.get_ylabel() == "amplitude (re full scale)"
    x, y = axes.lines[0].get_data()
    assert x == pytest.approx(np.arange(100, 105, 0.125))
    assert y == pytest.approx(TONE[800:840])
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["tone", "half"]
    assert "40 samples, 5 ms" in alt_text(figure)
    assert "tone reaches 0.50, half reaches 0.25" in alt_text(figure)


@pytest.mark.parametrize(
    ("sounds", "options", "message"),
    [
        ({}, {}, "one to 3 sounds; received 0"),
        ({"a": TONE}, {"start": 0.999}, "within 0 to 1.000 s"),
        ({"a": TONE}, {"seconds": 0.2}, "at most 800 samples; received 1600"),
    ],
)
def test_samples_refuses(sounds, options, message):
    with pytest.raises(ValueError, match=message):
        samples(sounds, **options)


def test_lines_draws_every_series_with_its_labels():
    figure = lines(
        {"a": [3, 2, 1], "b": [1, 1, 1]}, [0, 1, 10], xlabel="iterations", ylabel="error", title="T", log=True
    )
    axes = figure.axes[0]
    assert (axes.get_xlabel(), axes.get_ylabel(), axes.get_title()) == ("iterations", "error", "T")
    assert [list(line.get_ydata()) for line in axes.lines] == [[3, 2, 1], [1, 1, 1]]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["0", "1", "10"]
    assert "a goes from 3 to 1" in alt_text(figure)


def test_lines_refuses_lengths_that_differ():
    with pytest.raises(ValueError, match=r"every line needs 2 values.*'b': 3"):
        lines({"a": [1, 2], "b": [1, 2, 3]}, [0, 1], xlabel="x", ylabel="y", title="t")
    with pytest.raises(ValueError, match="one to 3 lines; received 0"):
        lines({}, [0, 1], xlabel="x", ylabel="y", title="t")


def test_levels_of_a_full_scale_sine_reach_0_db_and_silence_the_floor():
    level = levels(2 * TONE)
    assert level.shape == (125, 129)
    assert level[60].argmax() == 32  # 1,000 Hz at 31.25 Hz a bin
    assert level.max() == pytest.approx(0, abs=0.05)
    assert levels(np.zeros(1000)).max() == -80
    assert levels(np.zeros(1000)).shape == (16, 129)


def test_linear_spectrogram_puts_panels_of_any_size_on_one_scale():
    panels = {"short": levels(TONE, n_fft=64, hop_length=16), "long": levels(TONE / 10, n_fft=1024)}
    figure = linear_spectrogram(panels, seconds=1.0, highest=2000, title="Windows")
    first, second = figure.axes[:2]
    assert first.get_ylabel() == "frequency (kHz)"
    assert first.get_xlabel() == second.get_xlabel() == "time (s)"
    assert first.get_ylim() == pytest.approx((0, 2))
    assert first.images[0].get_clim() == second.images[0].get_clim()
    assert first.images[0].get_extent() == [0, 1.0, 0, 4.0]
    assert "near 1000 Hz" in alt_text(figure)
    assert figure.axes[-1].get_ylabel() == "level (dB re full scale)"


def test_linear_spectrogram_refuses():
    with pytest.raises(ValueError, match="at least one panel"):
        linear_spectrogram({}, seconds=1.0)
    with pytest.raises(ValueError, match="odd: expected finite levels"):
        linear_spectrogram({"odd": np.full((3, 4), np.nan)}, seconds=1.0)
