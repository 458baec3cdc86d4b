"""The folder of runs, read while it is written, by whoever looks."""

from __future__ import annotations

import errno
import os
import platform
import time
from dataclasses import replace

import pytest

from course_lib.training import durable
from course_lib.training.history import append_row, cut_history, format_row, header, read_history
from course_lib.training.status import RunStatus, confirmed_status, identity, read_status, write_status
from course_lib.training.store import RunError, RunStore

CONFIG = {"preset": "autoencoder", "dataset": {"name": "digits"}, "epochs": 3}


@pytest.fixture
def runs(tmp_path) -> RunStore:
    return RunStore(tmp_path / "runs")


@pytest.mark.parametrize("name", ["", "../up", ".hidden", "a/b", "a b", "x" * 65, "-dash", "naïve"])
def test_unusable_names_are_refused_before_a_folder_is_made(runs, name):
    with pytest.raises(RunError, match="is not usable; expected 1 to 64 letters"):
        runs.create(name, CONFIG)
    assert not runs.root.exists()


def test_create_open_and_list(runs):
    runs.create("first", CONFIG | {"created": "2026-01-01T10:00:00"})
    runs.create("second", CONFIG | {"created": "2026-01-02T10:00:00"})
    (runs.root / "no-run").mkdir()
    assert [row.name for row in runs.list()] == ["second", "first"]
    assert runs.open("first").config()["name"] == "first"
    assert runs.open("first").status().state == "queued"
    assert sorted(path.name for path in runs.root.iterdir()) == ["first", "no-run", "second"]
    with pytest.raises(RunError, match="a run named first exists"):
        runs.create("first", CONFIG)
    with pytest.raises(RunError, match=r"no run named third .* there are: first, second"):
        runs.open("third")


def test_new_names_count_up(runs):
    assert runs.new_name("autoencoder-digits") == "autoencoder-digits-001"
    runs.create("autoencoder-digits-001", CONFIG)
    assert runs.new_name("autoencoder-digits") == "autoencoder-digits-002"


def test_a_live_process_is_believed_and_another_of_its_number_is_not(runs):
    run = runs.create("mine", CONFIG)
    write_status(run.path, RunStatus(state="running", step=7, **identity()))
    assert run.status().state == "running"
    someone_else = replace(read_status(run.path), pid_started=1.0)
    write_status(run.path, someone_else)
    assert (run.status().state, run.status().step) == ("stopped", 7)
    assert "interrupted" in run.status().message


def test_a_run_of_another_machine_lives_by_its_heartbeat(runs):
    run = runs.create("remote", CONFIG)
    status = RunStatus(state="running", pid=os.getpid(), host="not-" + platform.node(), heartbeat=time.time())
    write_status(run.path, status)
    assert run.status().state == "running"
    write_status(run.path, replace(status, heartbeat=time.time() - 31))
    assert run.status().state == "stopped"


def test_finished_states_are_not_questioned(runs):
    run = runs.create("old", CONFIG)
    write_status(run.path, RunStatus(state="done", pid=2**22 + 1, host=platform.node()))
    assert run.status().state == "done"


@pytest.mark.parametrize("content", ["", "{", "[]", '{"state": "weird"}'])
def test_a_status_that_is_not_one_reads_as_stopped(runs, content):
    run = runs.create("torn", CONFIG)
    (run.path / "status.json").write_text(content)
    assert confirmed_status(run.path).state == "stopped"


def test_requests_reach_live_runs_only(runs):
    run = runs.create("asked", CONFIG)
    run.request("pause")
    assert run.requested == "pause"
    run.request("resume")
    assert run.requested == "resume"
    with pytest.raises(ValueError, match="unknown command 'halt'; expected one of pause, resume, stop"):
        run.request("halt")
    write_status(run.path, RunStatus(state="done"))
    with pytest.raises(RunError, match="is done, so it cannot pause"):
        run.request("pause")


def test_history_reads_back_exactly_and_ignores_a_row_cut_short(tmp_path):
    path = tmp_path / "history.csv"
    assert read_history(path)["loss"] == []
    append_row(path, format_row(5, 0, 0.5, 1 / 3, None, 1e-3))
    append_row(path, format_row(10, 1, 1.0, 0.1 + 0.2, 2 / 3, 5e-4))
    with path.open("a") as file:
        file.write("20,2,2.0,0.1")
    history = read_history(path)
    assert history["loss"] == [1 / 3, 0.1 + 0.2]
    assert history["val_loss"][1] == 2 / 3
    assert history["val_loss"][0] != history["val_loss"][0]
    cut_history(path, 9)
    assert path.read_text() == header() + format_row(5, 0, 0.5, 1 / 3, None, 1e-3)
    cut_history(path, -1)
    assert path.read_text() == "", "the training that goes on writes the header again"


def test_history_keeps_the_terms_of_a_loss_through_a_resume(tmp_path):
    path = tmp_path / "history.csv"
    terms = {"kl": 3.5, "reconstruction": 0.1 + 0.2, "val_kl": None}
    append_row(path, format_row(5, 0, 0.5, 4.0, None, 1e-3, terms), terms)
    append_row(path, format_row(10, 1, 1.0, 3.0, 2.0, 1e-3, terms | {"val_kl": 1.5}), terms)
    history = read_history(path)
    assert history["kl"] == [3.5, 3.5]
    assert history["reconstruction"] == [0.1 + 0.2] * 2
    assert history["val_kl"][0] != history["val_kl"][0]
    assert history["val_kl"][1] == 1.5
    cut_history(path, 5)
    assert list(read_history(path)) == list(history)
    assert read_history(path)["step"] == [5]


def test_a_write_that_fails_leaves_the_old_file_whole(tmp_path, monkeypatch):
    path = tmp_path / "config.json"
    durable.write_json(path, {"old": 1})

    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(durable.os, "fsync", full)
    with pytest.raises(RunError, match=r"no space left on the disk of .*; free some"):
        durable.write_json(path, {"new": 2})
    assert durable.read_json(path) == {"old": 1}
    assert [entry.name for entry in tmp_path.iterdir()] == ["config.json"]


def test_a_full_disk_does_not_silence_the_last_status(tmp_path, monkeypatch):
    write_status(tmp_path, RunStatus(state="running"))

    def full(*arguments, **options):
        raise RunError("no space left on the disk")

    monkeypatch.setattr("course_lib.training.status.write_json", full)
    write_status(tmp_path, RunStatus(state="failed", error="no space left"))
    assert read_status(tmp_path).state == "failed"


def test_nan_becomes_null(tmp_path):
    durable.write_json(tmp_path / "a.json", {"x": [float("nan"), 1.5]})
    assert durable.read_json(tmp_path / "a.json") == {"x": [None, 1.5]}


def test_arrays_are_read_without_pickles():
    import numpy as np

    data = durable.npz_bytes({"a": np.arange(3)})
    assert durable.npz_arrays(data)["a"].tolist() == [0, 1, 2]
    with pytest.raises(ValueError, match="allow_pickle=False"):
        durable.npz_arrays(durable.npz_bytes({"a": np.array([{}], dtype=object)}))
