"""Pictures with axes that can be trusted."""

from __future__ import annotations

import librosa
import numpy as np
import pytest

from dashboards.components.spectrogram import SpectrogramPair, mel_position


def test_frequencies_lie_at_librosas_bands():
    centres = librosa.mel_frequencies(n_mels=66, fmin=0.0, fmax=4000.0)[1:-1]
    np.testing.assert_allclose(mel_position(centres, sr=8000, bands=64), np.arange(64) + 0.5, atol=1e-6)


def test_both_pictures_share_one_scale_and_keep_their_orientation():
    original = np.full((128, 64), -60.0)
    original[3, 10] = -12.0
    pair = SpectrogramPair()
    pair.show(original, original - 5)
    image = pair._sources[0].data["image"][0]
    assert image.shape == (64, 128)
    assert image[10, 3] == -12.0
    assert (pair._mapper.low, pair._mapper.high) == (-80.0, -10.0)
    assert pair._sources[0].data["dw"] == [pytest.approx(1.024)]
    assert pair.figures[0].x_range is pair.figures[1].x_range
    assert pair.figures[0].yaxis[0].axis_label == "frequency (Hz)"
    assert set(pair.figures[0].yaxis[0].major_label_overrides.values()) >= {"500", "1k", "2k"}


def test_half_precision_and_nothing_are_fine():
    pair = SpectrogramPair()
    pair.show(np.zeros((16, 8), np.float16), np.zeros((16, 8), np.float16))
    assert pair._sources[1].data["image"][0].dtype == np.float32
    pair.show(None, None)
    assert pair._sources[0].data["image"] == []


def test_two_shapes_are_refused():
    with pytest.raises(ValueError, match=r"one shape \(frames, bands\); received \(16, 8\) and \(16, 9\)"):
        SpectrogramPair().show(np.zeros((16, 8)), np.zeros((16, 9)))
