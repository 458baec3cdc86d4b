"""Voices are found without their names, and what they add is taken from the numbers."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from course_lib.models.aligned import aligned_decoder, aligned_encoder
from course_lib.models.principal import start_from_principal_components
from course_lib.models.vae import VAE
from course_lib.models.voices import LEAST_CLIPS, SORTS, remove_voices, sort_voices

SHAPE = (64, 8)


@pytest.fixture(scope="module")
def spoken():
    """(features (360, 64, 8), word, speaker): words are shapes in time, voices a steady colour."""
    rng = np.random.default_rng(0)
    word, speaker = np.arange(360) % 10, np.arange(360) // 10 % 3
    words = np.abs(rng.standard_normal((10, 50, 8))).cumsum(axis=1)
    words = 2 * words / words.max(axis=1, keepdims=True)
    # Between two syllables there is only the voice.
    words[:, 20:30] = 0
    colour = 1.5 * np.abs(rng.standard_normal((3, 8))) + 0.2
    features = np.full((360, *SHAPE), -2.0)
    sound = words[word] + colour[speaker][:, None] + 0.1 * rng.standard_normal((360, 50, 8))
    features[:, 4:54] += np.maximum(sound + 0.3 * rng.standard_normal((360, 1, 1)), 0.05)
    return features.astype(np.float32), word, speaker


def share_explained(latents, kind):
    means = np.stack([latents[kind == one].mean(axis=0) for one in np.unique(kind)])
    return means[kind].var(axis=0).sum() / latents.var(axis=0).sum()


def started(features, voices):
    keras.utils.set_random_seed(0)
    model = VAE(
        aligned_encoder(SHAPE, 7, width=4, spread=True, voices=voices), aligned_decoder(SHAPE, 7, width=4)
    )
    start_from_principal_components(model, features)
    return model


def test_the_voice_leaves_and_the_word_stays(spoken):
    features, word, speaker = spoken
    model = started(features, 3)
    before = model.encode(features)[0][:, 1:]
    remove_voices(model, features, 3)
    after = model.encode(features)[0][:, 1:]
    assert share_explained(after, speaker) < 0.95 * share_explained(before, speaker)
    assert share_explained(after, word) > share_explained(before, word)


def test_what_is_left_is_put_together_as_well_as_a_plane_can(spoken):
    features, _, _ = spoken
    model = started(features, 3)
    remove_voices(model, features, 3)
    plane = keras.Model(model.decoder.input, model.decoder.get_layer("plane").output)
    content = keras.Model(model.encoder.input, model.encoder.get_layer("stretch").output)
    latents, wanted = model.encode(features)[0], np.asarray(content(features)).reshape(360, -1)
    design = np.column_stack([latents[:, 1:], np.ones(360)])
    best = design @ np.linalg.lstsq(design, wanted, rcond=None)[0]
    errors = [np.square(x - wanted).mean() for x in (np.asarray(plane(latents)).reshape(360, -1), best)]
    assert errors[0] == pytest.approx(errors[1], rel=0.01)


def test_the_same_seed_finds_the_same_voices(spoken):
    features, _, _ = spoken
    found = []
    for seed in (0, 0, 1):
        model = started(features, 3)
        remove_voices(model, features, 3, seed=seed)
        found.append(model.encode(features[:20])[0])
    np.testing.assert_array_equal(found[0], found[1])
    assert np.abs(found[0] - found[2]).max() > 0


def test_voices_are_told_from_words_though_both_move_everything():
    rng = np.random.default_rng(0)
    word, speaker = np.arange(1200) % 20, np.arange(1200) // 20 % 3
    voice = 3 * np.eye(3, 4)[speaker] + 1.5 * rng.standard_normal((20, 4))[word]
    content = 4 * rng.standard_normal((20, 6))[word] + rng.standard_normal((3, 6))[speaker]
    voice, content = (x + 0.3 * rng.standard_normal(x.shape) for x in (voice, content))
    sorts = list(sort_voices(voice, content, 3))
    assert len(sorts) == SORTS
    found = []
    for shares in sorts:
        np.testing.assert_allclose(shares.sum(axis=1), 1)
        table = np.array(
            [np.bincount(speaker[shares.argmax(axis=1) == one], minlength=3) for one in range(3)]
        )
        found.append(table.max(axis=1).sum() / 1200)
    assert np.mean(found) > 0.8


def test_few_clips_keep_their_voices(spoken):
    features, _, _ = spoken
    model = started(features, 3)
    before = model.encode(features)[0]
    remove_voices(model, features[: LEAST_CLIPS - 1], 3)
    np.testing.assert_array_equal(model.encode(features)[0], before)
