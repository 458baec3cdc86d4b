"""A game trained by the ordinary path: its curves, its rungs, its resume, its speed."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from course_lib.losses.adversarial import LOSSES
from course_lib.training import gan_preset
from course_lib.training.presets import get_preset
from course_lib.training.request import TrainingRequest
from course_lib.training.run import train
from course_lib.training.start import prepare_run
from course_lib.training.store import RunStore

SMALL = {"width": 8, "critic_width": 8, "batch_size": 16, "noise_dim": 4}


def begin(store, name, *, preset="conditional_gan", **overrides):
    request = TrainingRequest(preset=preset, name=name, epochs=2, limit_clips=64, overrides=SMALL | overrides)
    return prepare_run(request, store)


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    store = RunStore(tmp_path_factory.mktemp("runs"))
    run = begin(store, "whole")
    assert train(run) == "done", run.status().error
    return store, run


def test_a_run_of_a_game_has_both_players_curves(played):
    _, run = played
    history = run.history()
    for name in ("critic_loss", "generator_loss", "real_score", "fake_score", "val_real_score"):
        assert np.isfinite(history[name][-1]), name
    assert history["loss"] == history["generator_loss"]
    assert history["step"][-1] == 8
    assert np.isnan(history["val_loss"]).all()


def test_its_rungs_are_made_from_the_same_noise_and_say_what_was_asked(played):
    _, run = played
    last = run.previews()[-1]
    assert [clip["name"] for clip in last.clips] == ["seven", "three", "zero"]
    assert [clip["label"] for clip in last.clips] == [7, 3, 0]
    assert last.titles == {"output": "Made from noise"}
    assert "input" not in last.clips[0]
    from course_lib.audio.files import read

    sound = read(last.path(0, "output"), sr=8000)
    assert len(sound) == 8192
    model, representation = run.load_model(), run.representation()
    again = representation.decode(model.sample(3, condition=np.array([7, 3, 0]), seed=20))
    assert np.corrcoef(again[0], sound)[0, 1] > 0.98, "the kept generator is the one that was heard"


def test_a_stopped_game_goes_on_to_the_same_weights(played, monkeypatch):
    from course_lib.training.callbacks.tracking import Tracking

    store, whole = played
    stop = threading.Event()
    with monkeypatch.context() as patch:
        advance = Tracking.on_train_batch_end

        def stopping(self, batch, logs=None):
            advance(self, batch, logs)
            if self.position.step == 6:
                stop.set()

        patch.setattr(Tracking, "on_train_batch_end", stopping)
        run = begin(store, "halted")
        assert train(run, stop=stop) == "stopped"
    run = prepare_run(TrainingRequest(name="halted", resume=True), store)
    assert train(run, resume=True) == "done", run.status().error
    for name in ("critic_loss", "generator_loss", "real_score", "val_real_score"):
        assert run.history()[name] == whole.history()[name], name
    np.testing.assert_array_equal(run.load_model().sample(2, seed=0), whole.load_model().sample(2, seed=0))


def test_an_unconditional_game_with_several_critic_turns(tmp_path):
    run = begin(RunStore(tmp_path), "plain", preset="gan", critic_steps=2, loss="wasserstein", average=0.0)
    assert train(run) == "done", run.status().error
    assert [clip["name"] for clip in run.previews()[0].clips] == ["sample 1", "sample 2", "sample 3"]
    assert run.load_model().critic_steps == 2


def test_single_steps_move_one_player_only():
    from course_lib.training.adversarial import Game

    preset = get_preset("gan")
    model = preset.build(preset.parse(SMALL), (16, 6), seed=0)
    game = Game(model)
    clips = np.random.default_rng(0).standard_normal((16, 16, 6)).astype(np.float32)
    condition = np.zeros(16, np.int32)
    before = model.sample(2, seed=0)
    logs = game.critic_step(clips, condition)
    assert set(logs) == {"critic_loss", "real_score", "fake_score"}
    np.testing.assert_array_equal(model.sample(2, seed=0), before)
    scores = model.score(clips)
    game.generator_step(clips, condition)
    assert np.abs(model.sample(2, seed=0) - before).max() > 0
    np.testing.assert_array_equal(model.score(clips), scores)
    with pytest.raises(ValueError, match="a batch of 15 does not divide into 2 turns"):
        Game(model, critic_steps=2).step(clips[:15], condition[:15])


def test_wrong_settings_are_named():
    preset = get_preset("gan")
    with pytest.raises(
        ValueError, match=r"^label_smoothing must be 0 with the hinge loss, which has no labels"
    ):
        preset.parse({"label_smoothing": 0.1})
    with pytest.raises(ValueError, match=r"batch_size must be a whole number .*, a multiple of 4; rec.* 6"):
        preset.parse({"batch_size": 6})
    assert preset.parse({"label_smoothing": 0.1, "loss": "minimax"}).label_smoothing == 0.1
    assert set(gan_preset.LABELLED) == {name for name, loss in LOSSES.items() if loss.smooths}


def test_too_few_clips_for_a_batch_are_named(tmp_path):
    run = begin(RunStore(tmp_path), "few", batch_size=128)
    assert train(run) == "failed"
    assert "batch_size must be at most 64, the examples there are; received 128" in run.status().error
