"""Trainings in this process: what fails, what stops, what a learner's own network does."""

from __future__ import annotations

import errno
import json
import os

import keras
import numpy as np
import pytest
from conftest import TINY

from course_lib.data import catalog
from course_lib.data.splits import split
from course_lib.training import durable
from course_lib.training.callbacks.tracking import Tracking
from course_lib.training.errors import RunError
from course_lib.training.presets import AutoencoderPreset
from course_lib.training.request import TrainingRequest
from course_lib.training.run import train
from course_lib.training.start import prepare_run
from course_lib.training.store import Run, RunStore

# A dense network: its graph is traced in a fraction of the time.
DENSE = TINY | {"network": "dense"}


@pytest.fixture
def runs(tmp_path) -> RunStore:
    return RunStore(tmp_path)


def begin(runs: RunStore, name: str = "run", *, epochs: int = 3, **fields) -> Run:
    request = TrainingRequest(name=name, epochs=epochs, limit_clips=32, overrides=DENSE, **fields)
    return prepare_run(request, runs)


def stop_at(monkeypatch, step: int) -> None:
    """Ask for a stop after that many optimiser steps."""
    advance = Tracking.on_train_batch_end

    def stopping(self, batch, logs=None):
        advance(self, batch, logs)
        if self.position.step == step:
            self.position.stop.set()

    monkeypatch.setattr(Tracking, "on_train_batch_end", stopping)


def test_everything_a_run_folder_promises(runs):
    run = begin(runs)
    assert train(run) == "done"
    status, config, history = run.status(), run.config(), run.history()
    assert (status.state, status.epoch, status.step, status.eta_s) == ("done", 3, 12, None)
    assert config["dataset"]["train"] == 32
    assert config["dataset"]["test"] == len(split(catalog.load("digits"))[1])
    assert config["validation"] == {"clips": 32, "of": config["dataset"]["test"]}
    assert len(config["dataset"]["sha256"]) == 64
    assert config["versions"]["keras"] == keras.__version__
    assert config["machine"]["cores"] >= 1
    # Inside the first epoch a row a step (4 steps, the last is the epoch's own), then a row an epoch.
    assert history["step"] == [1, 2, 3, 4, 8, 12]
    assert history["epoch"] == [0, 0, 0, 1, 2, 3]
    assert [value == value for value in history["val_loss"]] == [False, False, False, True, True, True]
    assert history["val_loss"][-1] < history["val_loss"][3]
    assert [preview.step for preview in run.previews()] == [0, 1, 3, 10, 12]
    last = run.previews()[-1]
    assert len({clip["label"] for clip in last.clips}) == 3
    assert all(last.path(0, part).stat().st_size > 1000 for part in ("input", "ceiling", "output"))
    with np.load(last.path(0, "spectrogram"), allow_pickle=False) as spectrogram:
        assert {name: (spectrogram[name].shape, spectrogram[name].dtype) for name in spectrogram} == {
            "input": ((128, 64), np.float16),
            "output": ((128, 64), np.float16),
        }
    assert not [path for path in run.path.rglob(".*") if path.name != ".lock"], "no left-overs"
    assert json.loads((run.path / "model" / "hashes.json").read_text())["step"] == 12


def test_the_kept_model_is_the_one_that_was_heard(runs):
    run = begin(runs)
    train(run)
    model, representation = run.load_model(), run.representation()
    from course_lib.training.training_data import load_training_data

    clips = load_training_data(run.config()).previews
    features = representation.encode(clips.y)
    error = np.abs(model.reconstruct(features) - features).mean(axis=(1, 2))
    heard = [clip["error"] for clip in run.previews()[-1].clips]
    np.testing.assert_allclose(error, heard, rtol=1e-5)


def test_a_stop_in_mid_epoch_goes_on_to_the_same_losses(runs, monkeypatch):
    whole = begin(runs, "whole")
    train(whole)
    with monkeypatch.context() as patch:
        stop_at(patch, 6)
        run = begin(runs, "halted")
        assert train(run) == "stopped"
    assert run.status().resumable
    assert run.status().step == 6
    assert "resume goes on from here" in run.status().message
    assert run.history()["step"] == [1, 2, 3, 4], "the unfinished epoch has no row yet"
    run.load_model()
    run = prepare_run(TrainingRequest(name="halted", resume=True), runs)
    assert train(run, resume=True) == "done"
    for column in ("step", "epoch", "loss", "learning_rate"):
        assert run.history()[column] == whole.history()[column]
    assert run.history()["val_loss"][-1] == whole.history()["val_loss"][-1]
    assert [preview.step for preview in run.previews()] == [0, 1, 3, 6, 10, 12]


def test_averaged_weights_are_heard_and_the_resumed_training_keeps_its_own(runs, monkeypatch):
    build = AutoencoderPreset.build

    def averaging(self, *arguments, **options):
        model = build(self, *arguments, **options)
        model.compile(keras.optimizers.Adam(1e-2, use_ema=True, ema_momentum=0.5), loss="mae")
        return model

    monkeypatch.setattr(AutoencoderPreset, "build", averaging)
    whole = begin(runs, "whole")
    assert train(whole) == "done"
    with monkeypatch.context() as patch:
        stop_at(patch, 6)
        run = begin(runs, "halted")
        train(run)
    run = prepare_run(TrainingRequest(name="halted", resume=True), runs)
    assert train(run, resume=True) == "done"
    assert run.history()["loss"] == whole.history()["loss"]
    model = run.load_model()
    from course_lib.training.checkpoints import newest_checkpoint
    from course_lib.training.model_state import weight_arrays

    checkpoint, _ = newest_checkpoint(run.path / "checkpoints")
    kept = weight_arrays(model)
    np.testing.assert_array_equal(kept["model/0000"], checkpoint.arrays["average/0000"])
    assert not np.array_equal(kept["model/0000"], checkpoint.arrays["model/0000"])


def test_a_time_limit_ends_the_training_and_counts_as_done(runs):
    run = begin(runs, epochs=100_000, max_seconds=1.5)
    assert train(run) == "done"
    status = run.status()
    assert "the time was over" in status.message
    assert 1.5 <= status.elapsed_s < 10
    assert run.history()["step"][-1] == status.step, "the unfinished epoch is the last row"


def test_a_loss_that_is_not_a_number_names_the_remedy(runs, monkeypatch):
    build = AutoencoderPreset.build

    def diverging(self, *arguments, **options):
        model = build(self, *arguments, **options)
        model.compile("adam", loss=lambda target, estimate: keras.ops.log(-1.0 - keras.ops.abs(estimate)))
        return model

    monkeypatch.setattr(AutoencoderPreset, "build", diverging)
    run = begin(runs)
    assert train(run) == "failed"
    assert "the loss is not a number after step 1" in run.status().error
    assert "--set learning_rate=" in run.status().error


def test_a_full_disk_is_named(runs, monkeypatch):
    run = begin(runs)
    sync, left = os.fsync, [12]

    def filling(descriptor):
        left[0] -= 1
        if left[0] < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        sync(descriptor)

    monkeypatch.setattr(durable.os, "fsync", filling)
    assert train(run) == "failed"
    monkeypatch.undo()
    assert "no space left on the disk of" in run.status().error


def test_a_run_that_is_being_trained_is_refused(runs, monkeypatch):
    from course_lib.training import lock

    monkeypatch.setattr(lock, "PATIENCE_SECONDS", 0.1)
    run = begin(runs)
    held = lock.acquire(run.path)
    with pytest.raises(RunError, match="run run is being trained by process"):
        train(run)
    held.release()


def test_a_resumed_run_keeps_its_settings(runs, monkeypatch):
    stop_at(monkeypatch, 2)
    train(begin(runs))
    with pytest.raises(RunError, match="run has epochs = 3, not 5; leave the option out"):
        prepare_run(TrainingRequest(name="run", resume=True, epochs=5), runs)
    with pytest.raises(RunError, match="run has width = 4, not 8"):
        prepare_run(TrainingRequest(name="run", resume=True, overrides={"width": "8"}), runs)
    prepare_run(TrainingRequest(name="run", resume=True, epochs=3, overrides={"width": "4"}), runs)


def test_changed_data_is_refused(runs, monkeypatch):
    stop_at(monkeypatch, 2)
    run = begin(runs)
    train(run)
    config = run.config()
    config["dataset"]["sha256"] = "0" * 64
    durable.write_json(run.path / "config.json", config)
    assert train(run, resume=True) == "failed"
    assert "the data set digits has changed since this run began" in run.status().error


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"dataset": "nope"}, "unknown data set 'nope'; expected one of digits"),
        ({"holdout": ["nobody"]}, "unknown speaker nobody; digits has "),
        ({"preset": "nope"}, "unknown preset 'nope'"),
        ({"overrides": {"width": "0"}}, "width must be a whole number"),
        ({"architecture": {"encoder": {}}}, "architecture must be a dict with encoder and decoder"),
    ],
)
def test_bad_requests_leave_no_folder(tmp_path, fields, message):
    with pytest.raises(ValueError, match=message):
        prepare_run(TrainingRequest(name="bad", **fields), RunStore(tmp_path / "runs"))
    assert not (tmp_path / "runs").exists()
