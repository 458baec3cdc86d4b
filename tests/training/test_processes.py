"""Trainings in processes of their own: killed, resumed, paused, crashed, left alone."""

from __future__ import annotations

import json
import os
import platform
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import EPOCHS, LIMIT, TINY, wait_for

from course_lib.training.status import RunStatus, process_lives
from course_lib.training.store import RunError
from course_lib.training.worker import TrainingRequest, Worker, WorkerPool, start_training

LOSSES = ("step", "epoch", "loss", "val_loss", "learning_rate")


def comparable(run) -> list[tuple]:
    """Rows of the history but for the clock; NaN as None, which equals itself."""
    history = run.history()
    return [
        tuple(None if value != value else value for value in row)
        for row in zip(*(history[name] for name in LOSSES), strict=True)
    ]


@pytest.fixture(scope="module")
def killed_and_resumed(store):
    """Paused, gone on, killed in the middle, its newest checkpoint damaged, resumed to the end."""
    seen = {}
    request = TrainingRequest(name="killed", epochs=EPOCHS, limit_clips=LIMIT, overrides=TINY)
    run = start_training(request, store)
    run.request("pause")
    wait_for(lambda: run.status().state == "paused", run=run)
    first = run.status()
    wait_for(lambda: run.status().heartbeat > first.heartbeat + 0.8, run=run)
    seen["paused"] = (first, run.status())
    run.request("resume")
    # The status is written twice a second only, and may lag behind the checkpoints.
    checkpoints = run.path / "checkpoints"
    wait_for(lambda: len(list(checkpoints.glob("*.json"))) == 2 and run.status().epoch > 0, run=run)
    os.kill(run.status().pid, signal.SIGKILL)
    wait_for(lambda: run.status().state in ("failed", "stopped"))
    seen["killed"] = run.status()
    newest = max((run.path / "checkpoints").glob("*.npz"))
    seen["damaged"] = newest.stem
    data = bytearray(newest.read_bytes())
    data[len(data) // 2] ^= 1
    newest.write_bytes(data)
    resumed = start_training(TrainingRequest(name="killed", resume=True), store)
    with pytest.raises(RunError, match=r"run killed is (queued|running) in process"):
        start_training(TrainingRequest(name="killed", resume=True), store)
    wait_for(lambda: not resumed.status().live, run=resumed)
    return resumed, seen


def test_a_training_outlives_the_program_that_started_it(finished):
    status = finished.status()
    assert (status.state, status.epoch, status.step) == ("done", EPOCHS, EPOCHS * LIMIT // 8)
    assert status.error is None
    assert status.eta_s is None


def test_pause_holds_the_loop_and_the_clock_but_not_the_heart(killed_and_resumed):
    _, seen = killed_and_resumed
    before, after = seen["paused"]
    assert after.heartbeat > before.heartbeat
    assert (after.step, after.state) == (before.step, "paused")
    assert after.elapsed_s == before.elapsed_s


def test_a_killed_run_is_seen_to_be_dead(killed_and_resumed):
    _, seen = killed_and_resumed
    status = seen["killed"]
    assert status.resumable
    assert 0 < status.epoch < EPOCHS, "it was to be killed in the middle"
    assert "resume" in status.message


def test_kill_and_resume_give_the_undisturbed_losses(finished, killed_and_resumed):
    run, _ = killed_and_resumed
    assert run.status().state == "done", run.status()
    assert comparable(run) == comparable(finished)


def test_a_damaged_checkpoint_is_named_and_the_previous_one_used(killed_and_resumed):
    run, seen = killed_and_resumed
    assert f"checkpoint {seen['damaged']} is damaged (its hash changed)" in run.status().message
    assert "resuming at epoch" in (run.path / "log.txt").read_text()


def test_resuming_a_finished_run_says_so(finished, store):
    with pytest.raises(RunError, match=f"run whole is finished \\({EPOCHS} epochs\\)"):
        start_training(TrainingRequest(name="whole", resume=True), store)


def test_pool_queues_cancels_and_reports_a_crash(store):
    pool = WorkerPool(slots=1, warm=True, store=store)
    try:
        wait_for(lambda: pool._idle is not None)
        warm = pool._idle.process.pid
        settings = {"limit_clips": LIMIT, "overrides": TINY, "epochs": 100_000}
        first = pool.submit(TrainingRequest(name="first", **settings))
        second = pool.submit(TrainingRequest(name="second", **settings))
        wait_for(lambda: first.status().step > 0, run=first)
        assert first.status().pid == warm, "the waiting worker was to take the first run"
        assert (pool.training, pool.queued) == (["first"], ["second"])
        assert second.status().state == "queued"
        second.request("stop")
        wait_for(lambda: second.status().state == "stopped")
        assert second.status().message == "cancelled before it started"
        os.kill(warm, signal.SIGABRT)
        wait_for(lambda: first.status().state == "failed")
        assert "killed by signal 6" in first.status().error
        assert "Fatal Python error: Aborted" in first.status().error, "the log's last lines belong to it"
    finally:
        pool.close()
    with pytest.raises(RunError, match="this pool is closed"):
        pool.submit(TrainingRequest(name="third"))


def test_a_waiting_worker_ends_with_its_parent():
    program = (
        "import os\nfrom course_lib.training.worker import Worker\n"
        "print(Worker().process.pid, flush=True)\nos._exit(0)\n"
    )
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, "-c", program]
    printed = subprocess.run(command, env=environment, stdout=subprocess.PIPE, timeout=60)
    status = RunStatus(pid=int(printed.stdout), host=platform.node())
    wait_for(lambda: not process_lives(status), timeout=30)


def test_a_worker_that_is_gone_is_noticed(store):
    worker = Worker()
    worker.process.kill()
    worker.process.wait()
    run = store.create("nobody", {"epochs": 1})
    with pytest.raises(RunError, match="ended before it began"):
        worker.hand_over(run)


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C is delivered in another way on Windows")
def test_ctrl_c_stops_cleanly_and_leaves_a_run_to_resume(store):
    program = "import typer; from course_lib.commands.train import train; typer.run(train)"
    command = [sys.executable, "-c", program, "autoencoder", "--run", "interrupted"]
    settings = [part for name, value in TINY.items() for part in ("--set", f"{name}={value}")]
    process = subprocess.Popen(
        [*command, "--limit", str(LIMIT), "--epochs", "100000", *settings],
        env=os.environ | {"COURSE_RUNS": str(store.root), "PYTHONPATH": str(Path(__file__).parents[2])},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        text=True,
    )
    wait_for(lambda: process.poll() is not None or "interrupted" in store.names())
    assert process.poll() is None, process.communicate()[1]
    run = store.open("interrupted")
    wait_for(lambda: run.status().step > 20, run=run)
    os.killpg(process.pid, signal.SIGINT)
    output, _ = process.communicate(timeout=120)
    assert process.returncode == 130
    assert "course train --run interrupted --resume" in output
    status = run.status()
    assert (status.state, status.resumable) == ("stopped", True)
    sidecars = [json.loads(path.read_text()) for path in (run.path / "checkpoints").glob("*.json")]
    assert max(sidecar["step"] for sidecar in sidecars) == status.step
    assert run.previews()[-1].step == status.step
    assert run.load_model().latent_dim == 4
