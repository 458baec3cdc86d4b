"""Knobs, map and their sound, without a front end."""

from __future__ import annotations

import numpy as np
import pytest

from course_lib.audio.log_mel_spectrogram import LogMelSpectrogram
from course_lib.teaching.knobs import Knobs, LatentMap

RNG = np.random.default_rng(0)
REPRESENTATION = LogMelSpectrogram().fit(0.1 * RNG.standard_normal((4, 8192)).astype(np.float32))
FEATURES = RNG.standard_normal((20, *REPRESENTATION.shape)).astype(np.float32)
LABELS = np.arange(20) % 10


class Linear:
    """An autoencoder of two matrices."""

    def __init__(self, size):
        self.matrix = np.linalg.qr(RNG.standard_normal((128 * 64, size)))[0].astype(np.float32)

    def encode(self, features):
        return features.reshape(len(features), -1) @ self.matrix

    def decode(self, latents):
        return (latents @ self.matrix.T).reshape(len(latents), 128, 64)


def test_a_knob_moves_its_direction_by_one_deviation():
    knobs = Knobs(Linear(12), FEATURES, LABELS, REPRESENTATION, count=3)
    start = knobs.latent
    along = (knobs.latents - knobs.latents.mean(axis=0)) @ knobs.directions[1]
    knobs.sliders[1].value = 2.0
    assert knobs.latent - start == pytest.approx(2 * knobs.directions[1], abs=1e-5)
    unit = np.linalg.norm(knobs.directions[1])
    assert along.std() / unit == pytest.approx(unit, rel=1e-4)


def test_a_knob_changes_picture_and_sound_and_reset_brings_them_back():
    knobs = Knobs(Linear(12), FEATURES, LABELS, REPRESENTATION)
    before = knobs.sounding.audio.value, knobs.sounding.image.value
    knobs.sliders[0].value = 3.0
    assert knobs.sounding.audio.value[:4] == b"RIFF"
    assert knobs.sounding.audio.value != before[0]
    assert knobs.sounding.image.value != before[1]
    assert knobs.sounding.audio.autoplay
    knobs.reset.click()
    assert (knobs.sounding.audio.value, knobs.sounding.image.value) == before


def test_knobs_start_from_a_clip_of_the_chosen_digit():
    knobs = Knobs(Linear(12), FEATURES, LABELS, REPRESENTATION)
    knobs.start.value = 7
    assert knobs.latent == pytest.approx(knobs.latents[7])
    assert "seven" in knobs.sounding.caption.value


def test_the_map_plays_where_it_is_clicked_and_stops_at_its_edge():
    latent_map = LatentMap(Linear(2), FEATURES, LABELS, REPRESENTATION)
    x, y = latent_map.latents[4]
    latent_map.move(x, y)
    assert latent_map.point == pytest.approx([x, y], abs=1e-5)
    nearest = latent_map.sounding.caption.value.split("nearest clips: ")[1]
    assert nearest.startswith("four")
    latent_map.move(1e9, -1e9)
    assert latent_map.point == pytest.approx([latent_map.high[0], latent_map.low[1]], rel=1e-5)


def test_a_tile_is_named_by_its_clips_and_plays_its_middle():
    latent_map = LatentMap(Linear(2), FEATURES, LABELS, REPRESENTATION)
    named = [tile for tile in latent_map.tiles if tile.description]
    assert sum(int(tile.tooltip.split()[0]) for tile in named) == len(FEATURES)
    latent_map.tiles[0].click()
    size = (latent_map.high - latent_map.low) / (16, 12)
    corner = (latent_map.low[0] + size[0] / 2, latent_map.high[1] - size[1] / 2)
    assert latent_map.point == pytest.approx(corner, rel=1e-4)
    assert latent_map.sounding.audio.autoplay


def test_the_map_needs_two_numbers():
    with pytest.raises(ValueError, match="2 numbers; this one has 3"):
        LatentMap(Linear(3), FEATURES, LABELS, REPRESENTATION)


def test_a_turn_is_heard_at_once():
    knobs = Knobs(Linear(12), FEATURES, LABELS, REPRESENTATION)
    times = []
    for value in (1.0, -1.0, 2.0, -2.0, 0.5):
        knobs.sliders[2].value = value
        times.append(knobs.sounding.milliseconds)
    # The promise is 200 ms; the best of five is what the code costs, the rest is what else runs here.
    assert min(times) < 200
