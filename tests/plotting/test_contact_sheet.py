"""Many small spectrograms on one scale."""

from __future__ import annotations

import numpy as np
import pytest

from course_lib.audio.files import AudioError
from course_lib.plotting.contact_sheet import contact_sheet
from course_lib.plotting.description import alt_text


def tone(hertz: float, seconds: float = 0.5, gain: float = 0.5) -> np.ndarray:
    return (gain * np.sin(2 * np.pi * hertz * np.arange(round(seconds * 8000)) / 8000)).astype(np.float32)


def test_pictures_are_in_reading_order_on_one_scale():
    sounds = {f"{number}": tone(500 + 250 * number, gain=0.5**number) for number in range(5)}
    figure = contact_sheet(sounds, columns=3, title="Tones")
    shown = [axes for axes in figure.axes if axes.images and axes.get_title()]
    assert [axes.get_title() for axes in shown] == list("01234")
    assert len({image.get_clim() for axes in shown for image in axes.images}) == 1
    for number, axes in enumerate(shown):
        level = axes.images[0].get_array()
        # 129 bins up to 4 kHz.
        assert abs(level.mean(axis=1).argmax() * 31.25 - (500 + 250 * number)) < 32
        assert level.max() == pytest.approx(-6.02 * number, abs=0.5)
    rows = {round(axes.get_subplotspec().rowspan.start) for axes in shown}
    assert rows == {0, 1}
    assert alt_text(figure) == "Tones. 5 spectrograms, 3 in a row: 0, 1, 2, 3, 4. All on one scale of 70 dB."


def test_sheets_that_cannot_be():
    with pytest.raises(ValueError, match="at least one sound; received none"):
        contact_sheet({})
    with pytest.raises(ValueError, match="columns must be at least 1; received 0"):
        contact_sheet({"a": tone(500)}, columns=0)
    with pytest.raises(AudioError, match="broken holds 4000 NaN"):
        contact_sheet({"broken": np.full(4000, np.nan, np.float32)})
