"""Notes by the ordinary path: conversion, and data sets that do not fit."""

from __future__ import annotations

import numpy as np
import pytest

from course_lib.audio.files import AudioError, read
from course_lib.data import catalog, notes
from course_lib.training import apply
from course_lib.training.presets import PRESETS, get_preset
from course_lib.training.request import TrainingRequest
from course_lib.training.run import train
from course_lib.training.start import prepare_run
from course_lib.training.store import RunStore

TINY_NOTES = {"width": 8, "latent_dim": 2, "batch_size": 8}


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return RunStore(tmp_path_factory.mktemp("runs"))


@pytest.fixture(scope="module")
def converting(store):
    request = TrainingRequest(
        preset="vae_notes", name="notes", epochs=2, limit_clips=24, overrides=TINY_NOTES
    )
    run = prepare_run(request, store)
    assert train(run) == "done", run.status().error
    return run


@pytest.fixture(scope="module")
def melody():
    """Two held-out notes with a pause between them, at a level of their own."""
    _, test = notes.split(notes.pitched(notes.load()))
    return np.concatenate([test.y[40], np.zeros(2000, np.float32), 0.2 * test.y[90]])


def test_a_run_of_notes_says_what_can_be_asked_for(converting):
    config = converting.config()
    assert config["dataset"]["name"] == "notes"
    assert config["conditions"] == {"instrument": list(notes.INSTRUMENTS), "pitch": list(range(36, 84))}
    assert converting.load_model().condition_size == 5 + 48
    # Drums have no pitch.
    assert config["dataset"]["train"] + config["dataset"]["test"] == 5 * 48 * 3 * 2 or config["limit_clips"]


def test_its_rungs_play_notes_as_other_instruments(converting):
    rung = converting.previews()[-1]
    assert rung.titles == {"input": "Note", "ceiling": "Asked for", "output": "Converted"}
    assert [clip["word"].split(" as ")[1].split()[0] for clip in rung.clips] == ["bell", "organ", "bowed"]
    for part in rung.titles:
        y = read(rung.path(1, part), sr=8000)
        assert (len(y), np.isfinite(y).all()) == (8192, True)
    assert np.abs(read(rung.path(1, "ceiling"), sr=8000)).max() > 0.01
    with np.load(rung.path(0, "spectrogram")) as pictures:
        assert pictures["input"].shape == pictures["output"].shape == (128, 64)


def test_training_hears_no_held_out_note(converting):
    preset = get_preset("vae_notes")
    config = converting.config() | {"limit_clips": None}
    task = preset.task(config, preset.parse(TINY_NOTES))
    (features, condition), target = task.batch(np.arange(4), np.random.default_rng(0))
    assert features is target
    assert features.shape == (4, *task.shape)
    np.testing.assert_array_equal(condition.sum(axis=1), [2, 2, 2, 2])
    again = task.batch(np.arange(4), np.random.default_rng(0))[1]
    np.testing.assert_array_equal(target, again)
    (held_out, _), _ = task.held_out()
    assert (task.size, len(held_out)) == (1150, 267)
    distance = np.abs(held_out[:20, None] - task._train[None, :200]).mean(axis=(2, 3))
    assert distance.min() > 0.01


def test_a_varied_note_keeps_its_silence(converting):
    preset = get_preset("vae_notes")
    plain, varied = (
        preset.task(converting.config(), preset.parse(TINY_NOTES | {"augment": augment}))
        for augment in (False, True)
    )
    rows = np.arange(plain.size)
    before, after = (task.batch(rows, np.random.default_rng(3))[1] for task in (plain, varied))
    assert np.abs(before - after).mean() > 0.01
    assert (after >= plain._floor - 1e-6).all()


def test_every_verb_of_a_run_of_notes(converting, melody):
    made = apply.convert(converting, melody, instrument="bell", pitch=72)
    assert made.shape == melody.shape
    assert np.isfinite(made).all()
    # The pause stays one, and the second note softer than the first.
    assert np.abs(made[8600:9900]).max() < 0.01
    assert np.abs(made[:8000]).max() > np.abs(made[10_500:]).max() > 0
    sampled = apply.sample(converting, 3, instrument="bell", pitch=60, seed=1)
    assert sampled.asked == ({"instrument": "bell", "pitch": "60"},) * 3
    drawn = apply.sample(converting, 6, seed=1)
    assert drawn.names == ("pluck", "bell", "organ", "bowed", "flute", "pluck")
    assert len({asked["pitch"] for asked in drawn.asked}) > 2
    walk = apply.interpolate(converting, melody[:8192], melody[10_192:], steps=3)
    assert walk.y.shape == (3, 8192)
    assert apply.reconstruct(converting, melody).shape == melody.shape


def test_notes_of_a_melody_are_cut_apart(converting):
    """Silences too short to part two words part two notes."""
    from course_lib.training.passage import analyse

    _, test = notes.split(notes.pitched(notes.load()))
    flute = test.y[np.flatnonzero((test.label == 4) & (test.pitch > 55))[:4]]
    representation = converting.representation()
    assert len(analyse(flute.reshape(-1), representation, pause_seconds=0.03).features) == 4
    found = []

    class Counting:
        def reconstruct(self, features):
            found.append(len(features))
            return features

    from course_lib.training.apply.clips import pause_between
    from course_lib.training.apply.reconstructor import Reconstructor

    whole = Reconstructor(Counting(), representation, pause_seconds=pause_between(converting))
    assert whole(flute.reshape(-1)).shape == (4 * 8192,)
    assert found == [4]


def test_what_a_run_of_notes_refuses(converting, melody):
    for wanted, message in (
        ({"pitch": 20}, "unknown pitch '20'; expected one of 36, 37"),
        ({"instrument": "kick"}, r"unknown instrument 'kick'; expected one of pluck \(0\), bell \(1\)"),
        ({}, "say what to change: instrument, pitch"),
    ):
        with pytest.raises(ValueError, match=message):
            apply.convert(converting, melody, **wanted)
    with pytest.raises(ValueError, match="instrument is asked for twice: 'bell' and 'organ'"):
        apply.sample(converting, 1, condition="organ", instrument="bell")
    with pytest.raises(AudioError, match="the recording is silent"):
        apply.interpolate(converting, np.zeros(4000, np.float32), melody)


def test_its_lesson_scores_it_between_the_given_and_the_real_notes(converting):
    from course_lib.training.lessons.registry import lesson_of

    lesson = lesson_of("vae_notes")
    result = lesson.evaluate(converting, n=6)
    rows = result["rows"]
    assert list(rows) == ["given", "vocoder", "model", "representation", "real"]
    for name in ("representation", "real"):
        assert rows[name]["both_right"] >= 5 / 6
    # One of them is asked for as it is in one respect, never in both.
    assert rows["given"]["both_right"] == 0
    assert rows["vocoder"]["pitch_right"] > rows["vocoder"]["instrument_right"]
    assert all(bar.metric in rows["model"] for bar in lesson.bars if bar.row == "model")
    assert result["facts"]["parameters"] == converting.load_model().count_params()


@pytest.mark.parametrize(
    ("preset", "dataset", "message"),
    [
        (
            "vae_notes",
            "digits",
            "preset vae_notes learns from notes, and digits holds spoken words; choose notes, nsynth",
        ),
        (
            "conditional_notes",
            "notes",
            "preset conditional_notes learns from spoken words, and notes holds notes; choose digits, fsdd",
        ),
    ],
)
def test_sounds_that_do_not_fit_are_refused_before_anything_is_written(preset, dataset, message, store):
    before = store.names()
    with pytest.raises(ValueError, match=message):
        prepare_run(TrainingRequest(preset=preset, dataset=dataset, name="wrong"), store)
    assert store.names() == before


def test_every_preset_trains_on_its_own_data_set_unless_told():
    for name, preset in PRESETS.items():
        assert not preset.unsuitable(catalog.get(preset.dataset)), name
    assert TrainingRequest(preset="vae_notes").dataset is None
