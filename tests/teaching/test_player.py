"""Players change the level and nothing else."""

from __future__ import annotations

import base64
import io
import re

import numpy as np
import pytest
import soundfile

from course_lib.audio.files import AudioError
from course_lib.data.clips import active_rms
from course_lib.teaching.player import Grid, Player, compare, match_level, spectrogram_png


def tone(level, seconds=0.5):
    t = np.arange(int(8000 * seconds)) / 8000
    return (level * np.sin(2 * np.pi * 440 * t)).astype(np.float32)


def embedded(html):
    return [
        soundfile.read(io.BytesIO(base64.b64decode(data)), dtype="float32")
        for data in re.findall(r"data:audio/wav;base64,([^\"]+)", html)
    ]


def test_two_levels_become_one():
    html = compare({"loud": tone(0.9), "quiet": tone(0.003)})._repr_html_()
    (loud, sr), (quiet, _) = embedded(html)
    assert sr == 8000
    for y in (loud, quiet):
        assert 20 * np.log10(active_rms(y)) == pytest.approx(-22, abs=0.1)


def test_a_spiky_sound_becomes_quieter_instead_of_clipped():
    y = np.zeros(4000, np.float32)
    y[::400] = 1.0
    matched = match_level(y)
    assert np.abs(matched).max() == pytest.approx(0.98)
    assert matched[1:400].max() == 0


def test_silence_stays_silence():
    assert not match_level(np.zeros(800, np.float32)).any()


def test_nan_is_refused():
    with pytest.raises(AudioError, match="NaN"):
        Player(np.full(800, np.nan, np.float32), "broken")


def test_player_says_what_it_plays_and_escapes_its_title():
    player = Player(tone(0.1), "<b>five</b>", note="error 0.1", picture=np.zeros((8, 4)))
    html = player._repr_html_()
    assert 'aria-label="&lt;b&gt;five&lt;/b&gt;"' in html
    assert 'alt="Spectrogram of' in html
    assert "http" not in html
    assert repr(player) == "♪ <b>five</b> (0.5 s) · error 0.1"


def test_grid_has_a_text_for_every_sound():
    grid = Grid({"row": [Player(tone(0.1), "a"), Player(tone(0.1), "b")]})
    assert repr(grid).splitlines() == ["row", "  ♪ a (0.5 s)", "  ♪ b (0.5 s)"]
    assert grid._repr_html_().count("<audio") == 2


def test_thumbnail_puts_low_bands_at_the_bottom():
    from PIL import Image

    picture = np.full((6, 4), -80.0)
    picture[:, 0] = 0.0
    pixels = np.asarray(Image.open(io.BytesIO(spectrogram_png(picture, zoom=1))).convert("L"))
    assert pixels.shape == (4, 6)
    assert pixels[-1].min() > pixels[0].max()
