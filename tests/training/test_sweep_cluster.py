"""A sweep on a real scheduler and two workers on loopback, one of them killed in the middle."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from course_lib.data.cluster import connect
from course_lib.training.request import TrainingRequest
from course_lib.training.store import Run, RunStore
from course_lib.training.sweep.engine import run_sweep, unfinished
from course_lib.training.sweep.plan import TOKEN, plan_sweep

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
PATIENCE = 120.0
EPOCHS = 6


def wait_for(condition, what: str):
    end = time.monotonic() + PATIENCE
    while not (value := condition()):
        assert time.monotonic() < end, f"no {what} after {PATIENCE} s"
        time.sleep(0.05)
    return value


@pytest.fixture(scope="module")
def cluster(tmp_path_factory) -> Iterator[tuple[str, dict[str, subprocess.Popen]]]:
    folder = tmp_path_factory.mktemp("cluster")
    environment = os.environ | {"PYTHONPATH": str(ROOT), "DASK_DISTRIBUTED__WORKER__DAEMON": "False"}

    def begin(name: str, *arguments: str) -> subprocess.Popen:
        command = [sys.executable, "-m", *arguments, "--host", "127.0.0.1", "--no-dashboard"]
        with (folder / f"{name}.log").open("w") as log:
            return subprocess.Popen(
                command, stdout=log, stderr=subprocess.STDOUT, env=environment, cwd=folder
            )

    where = folder / "scheduler.json"
    options = ("--port", "0", "--dashboard-address", "127.0.0.1:0", "--scheduler-file", str(where))
    processes = {"scheduler": begin("scheduler", "distributed.cli.dask_scheduler", *options)}
    try:
        wait_for(where.exists, "scheduler")
        address = wait_for(lambda: json.loads(where.read_text() or "{}").get("address"), "address")
        for name in ("one", "two"):
            options = ("--no-nanny", "--nthreads", "1", "--name", name, "--local-directory", str(folder))
            processes[name] = begin(name, "distributed.cli.dask_worker", address, *options)
        yield address, processes
    finally:
        for process in processes.values():
            with contextlib.suppress(ProcessLookupError, psutil.Error):
                for child in psutil.Process(process.pid).children(recursive=True):
                    child.kill()
                process.kill()
            process.wait()


def plan(store: RunStore, name: str, *, epochs: int, widths: list[str]):
    request = TrainingRequest(
        name=name, epochs=epochs, limit_clips=64, overrides={"network": "dense", "batch_size": "8"}
    )
    return plan_sweep(request, {"width": widths}, store)


def assert_finished_once(run: Run, epochs: int) -> None:
    """Every epoch stands in the history exactly once, and the model is there."""
    history = run.history()
    assert run.status().state == "done", run.status().error
    whole = [
        epoch
        for epoch, held_out in zip(history["epoch"], history["val_loss"], strict=True)
        if held_out == held_out
    ]
    assert whole == list(range(1, epochs + 1))
    assert history["step"] == sorted(set(history["step"]))
    assert (run.path / "model" / "weights.npz").is_file()


def test_every_training_finishes_exactly_once_though_a_worker_dies(cluster, tmp_path):
    address, processes = cluster
    store = RunStore(tmp_path / "runs")
    sweep = plan(store, "grid", epochs=EPOCHS, widths=["8", "12", "16"])
    news: list[dict] = []
    killed: list[str] = []

    def kill_one(row: dict) -> None:
        """As a power cut would: the worker, and the training that it started."""
        news.append(row)
        if killed or row["state"] != "running" or not 1 <= row["epoch"] < EPOCHS - 1:
            return
        worker = processes["one"]
        pid = store.open(row["name"]).status().pid
        with contextlib.suppress(psutil.Error):
            if worker.pid not in [parent.pid for parent in psutil.Process(pid).parents()]:
                return
            killed.append(row["name"])
            worker.send_signal(signal.SIGKILL)
            os.kill(pid, signal.SIGKILL)

    with connect(address) as client:
        client.wait_for_workers(2, timeout=PATIENCE)
        problems = run_sweep(client, sweep, store, threads=1, on_news=kill_one)
    assert problems == dict.fromkeys(["grid-001", "grid-002", "grid-003"])
    assert len(killed) == 1, "no training was caught in the middle"
    assert {row["name"] for row in news} == set(problems)
    for run in sweep.runs:
        assert_finished_once(store.open(run.name), EPOCHS)
    assert unfinished(sweep, store) == []
    assert sorted(path.name for path in store.root.iterdir()) == [
        "grid-001",
        "grid-002",
        "grid-003",
        "sweeps",
    ]


def test_a_worker_without_this_disk_sends_the_run_home(cluster, tmp_path):
    address, _ = cluster
    store = RunStore(tmp_path / "runs")
    sweep = plan(store, "far", epochs=1, widths=["8"])
    # What a worker on another machine finds there.
    (sweep.folder / TOKEN).unlink()
    with connect(address) as client:
        problems = run_sweep(client, sweep, store, threads=1)
    assert problems == {"far-001": None}
    assert_finished_once(store.open("far-001"), 1)
    assert store.open("far-001").previews()


def test_what_cannot_train_is_said_and_the_others_finish(cluster, tmp_path, monkeypatch):
    address, _ = cluster
    store = RunStore(tmp_path / "runs")
    sweep = plan(store, "odd", epochs=1, widths=["8", "12"])
    # A data set that this machine has and the worker has not looks like this one.
    sweep.runs[0].point["network"] = "none"
    with connect(address) as client:
        problems = run_sweep(client, sweep, store, threads=1)
    assert "network" in problems["odd-001"]
    assert problems["odd-002"] is None
    assert [run.name for run in unfinished(sweep, store)] == ["odd-001"]
