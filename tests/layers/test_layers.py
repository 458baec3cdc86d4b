"""Layers against NumPy."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from course_lib.layers.loudness import Loudness
from course_lib.layers.part import Part
from course_lib.layers.sound_end import SoundEnd
from course_lib.layers.stretch import Stretch
from tests.checks import check_layer


def rising(clips=3, frames=32, bands=4):
    rng = np.random.default_rng(0)
    return rng.uniform(-1.0, 3.0, (clips, frames, bands)).astype(np.float32)


def test_loudness_is_a_power_law_of_the_magnitude(tmp_path):
    x = rising()
    layer = Loudness(exponent=0.5)
    layer.build(x.shape)
    layer.adapt(x)
    made = check_layer(layer, x, (32, 4), folder=tmp_path)
    floor = x.min(axis=(0, 1))
    # 10 dB more multiply the uncompressed part by the same factor at every level.
    power = (np.exp(x) / np.exp(floor)) ** 0.5 - 1
    np.testing.assert_allclose(made, power / power.std(), rtol=1e-4, atol=1e-5)
    assert made.min() == 0


def test_loudness_comes_back():
    x = rising()
    there, back = Loudness(), Loudness(inverse=True)
    for layer in (there, back):
        layer.build(x.shape)
    there.adapt(x)
    back.copy_from(there)
    np.testing.assert_allclose(back(there(x)), x, atol=1e-5)
    # A negative loudness lies below the floor, so that a gradient can lift it.
    assert (np.asarray(back(-np.ones_like(x))) < x.min(axis=(0, 1))).all()


def test_loudness_survives_absurd_features():
    layer = Loudness()
    assert np.isfinite(np.asarray(layer(np.full((1, 2, 3), 1e6, np.float32)))).all()


def test_loudness_says_what_is_wrong():
    with pytest.raises(ValueError, match="exponent must be above 0; received 0"):
        Loudness(0)
    layer = Loudness()
    layer.build((None, 8, 4))
    with pytest.raises(ValueError, match=r"expected features of shape \(clips, frames, bands\)"):
        layer.adapt(np.zeros((8, 4)))
    with pytest.raises(ValueError, match="all features are equal"):
        layer.adapt(np.zeros((2, 8, 4)))


def test_sound_end_counts_frames(tmp_path):
    x = np.zeros((4, 16, 3), np.float32)
    x[0, :5] = 1
    x[1, 9] = 1  # after a pause of nine frames
    x[2] = 1
    made = check_layer(SoundEnd(), x, (1,), folder=tmp_path)
    np.testing.assert_array_equal(made[:, 0], [5, 10, 16, 0])


def test_stretch_is_linear_interpolation(tmp_path):
    x, end = rising(frames=32), np.array([[32.0], [20.0], [11.0]], np.float32)
    made = check_layer(Stretch(24, head=4), [x, end], (24, 4), folder=tmp_path)
    np.testing.assert_allclose(made[:, :4], x[:, :4], atol=1e-6)
    for clip, stop in enumerate(end[:, 0]):
        places = np.concatenate([np.arange(4), 4 + np.arange(20) * (stop - 5) / 19])
        for band in range(4):
            expected = np.interp(places, np.arange(32), x[clip, :, band])
            np.testing.assert_allclose(made[clip, :, band], expected, atol=1e-4)


def test_stretch_comes_back_and_leaves_silence(tmp_path):
    # A slope is the same after any linear interpolation.
    x = np.broadcast_to(np.linspace(1, 2, 32, dtype=np.float32)[None, :, None], (2, 32, 3)).copy()
    end = np.array([[16.0], [28.0]], np.float32)
    stretched = np.asarray(Stretch(40, head=4)([x, end]))
    back = check_layer(Stretch(32, head=4, inverse=True), [stretched, end], (32, 3), folder=tmp_path)
    np.testing.assert_allclose(back[0, :16], x[0, :16], atol=1e-4)
    np.testing.assert_allclose(back[1, :28], x[1, :28], atol=1e-4)
    assert not back[0, 16:].any()
    assert not back[1, 28:].any()


@pytest.mark.parametrize("end", [-50.0, 0.0, 3.0, 1e4])
def test_stretch_takes_any_end(end):
    made = Stretch(32, inverse=True)([np.ones((1, 16, 2), np.float32), np.array([[end]], np.float32)])
    made = np.asarray(made)
    assert np.isfinite(made).all()
    assert made.max() == pytest.approx(1, abs=1e-5)


def test_stretch_needs_room():
    with pytest.raises(ValueError, match=r"frames must be at least head \+ 2 = 10; received 9"):
        Stretch(9, head=8)


def test_part(tmp_path):
    x = np.arange(12, dtype=np.float32).reshape(2, 6)
    np.testing.assert_array_equal(check_layer(Part(1, 4), x, (3,), folder=tmp_path), x[:, 1:4])
    with pytest.raises(ValueError, match="expected 0 <= start < stop; received 3 and 3"):
        Part(3, 3)
    with pytest.raises(ValueError, match="stop is 9, but there are only 6 numbers"):
        Part(1, 9)(keras.Input((6,)))
