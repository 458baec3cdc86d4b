"""Whose turn it is, how many may wait, which GPU is whose, and what becomes of processes left behind."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import ClassVar

import pytest

from course_lib.training import devices, orphans, pool
from course_lib.training.fair_queue import FairQueue, Waiting
from course_lib.training.lock import acquire
from course_lib.training.pool import WorkerPool
from course_lib.training.request import TrainingRequest
from course_lib.training.run_folder import Run
from course_lib.training.status import RunStatus, identity, write_status
from course_lib.training.store import RunError, RunStore

CONFIG = {"preset": "autoencoder", "epochs": 1}


def waiting(name: str, user: str) -> Waiting:
    return Waiting(Run(Path(name)), user)


def test_the_users_take_turns_and_each_keeps_its_order():
    queue = FairQueue(limit=10)
    for name, user in [("a1", "a"), ("a2", "a"), ("a3", "a"), ("b1", "b"), ("c1", "c"), ("b2", "b")]:
        queue.push(waiting(name, user))
    ahead = [item.run.name for item in queue]
    taken = [queue.pop().run.name for _ in range(len(queue))]
    assert taken == ["a1", "b1", "c1", "a2", "b2", "a3"]
    assert ahead == taken, "the queue that is shown is the queue that will be"


def test_who_was_served_last_waits_for_the_others_though_they_came_later():
    queue = FairQueue(limit=10)
    queue.push(waiting("a1", "a"))
    queue.pop()
    queue.push(waiting("a2", "a"))
    queue.push(waiting("b1", "b"))
    assert queue.pop().run.name == "b1"


def test_one_user_may_not_fill_the_queue():
    queue = FairQueue(limit=2)
    queue.push(waiting("a1", "a"))
    queue.check("a")
    queue.push(waiting("a2", "a"))
    with pytest.raises(RunError, match=r"you have 2 trainings waiting \(a1, a2\), the most"):
        queue.check("a")
    queue.check("b")
    with pytest.raises(ValueError, match="limit must be at least 1; received 0"):
        FairQueue(limit=0)


class FakeWorker:
    """Takes a run and keeps it until told."""

    made: ClassVar[list[FakeWorker]] = []

    def __init__(self, *, log=None, device=None):
        self.device, self.run, self.alive = device, None, True
        FakeWorker.made.append(self)

    def hand_over(self, run, *, resume=False):
        self.run = run
        write_status(run.path, RunStatus(state="running", **identity()))

    def wait(self):
        write_status(self.run.path, RunStatus(state="done"))

    def dismiss(self):
        self.alive = False


@pytest.fixture
def make_pool(monkeypatch, tmp_path):
    pools = []
    monkeypatch.setattr(pool, "Worker", FakeWorker)
    monkeypatch.setattr(FakeWorker, "made", [])

    def make(**options) -> WorkerPool:
        pools.append(WorkerPool(store=RunStore(tmp_path / "runs"), warm=False, **options))
        return pools[-1]

    yield make
    for made in pools:
        made.close()


def until(condition) -> None:
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def ask(made: WorkerPool, name: str, user: str) -> Run:
    return made.submit(TrainingRequest(name=name, limit_clips=16), user=user)


def test_a_pool_serves_its_users_in_turn_and_refuses_too_many(make_pool):
    made = make_pool(queued_each=2)
    ask(made, "a1", "a")
    until(lambda: made.training == ["a1"])
    for name, user in (("a2", "a"), ("a3", "a"), ("b1", "b")):
        ask(made, name, user)
    assert made.queued == ["b1", "a2", "a3"]
    with pytest.raises(RunError, match=r"you have 2 trainings waiting \(a2, a3\)"):
        ask(made, "a4", "a")
    assert "a4" not in made.store.names()
    FakeWorker.made[0].alive = False
    until(lambda: made.training == ["b1"])


def test_each_training_has_a_gpu_alone(make_pool, monkeypatch):
    monkeypatch.setattr(pool, "gpu_count", lambda: 2)
    made = make_pool()
    assert made.slots == 2
    for name in ("one", "two", "three"):
        ask(made, name, name)
    until(lambda: len(made.training) == 2)
    assert sorted(worker.device for worker in FakeWorker.made) == [0, 1]
    FakeWorker.made[0].alive = False
    until(lambda: "three" in made.training)
    assert FakeWorker.made[2].device == FakeWorker.made[0].device


def test_one_gpu_or_none_gives_one_slot_and_no_device(make_pool, monkeypatch):
    for gpus in (0, 1):
        monkeypatch.setattr(pool, "gpu_count", lambda gpus=gpus: gpus)
        made = make_pool()
        assert (made.slots, made._free_device()) == (1, None)


@pytest.mark.parametrize(("visible", "count"), [("", 0), ("-1", 0), ("0", 1), ("2,3", 2)])
def test_gpus_that_may_be_used_are_counted(monkeypatch, visible, count):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert devices.gpu_count() == count


def test_a_worker_is_given_its_gpu_by_the_number_that_it_has_outside(monkeypatch):
    from course_lib.training.spawned import worker_environment

    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    assert worker_environment(1)["CUDA_VISIBLE_DEVICES"] == "1"
    assert "CUDA_VISIBLE_DEVICES" not in worker_environment(None)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "2,3")
    assert worker_environment(1)["CUDA_VISIBLE_DEVICES"] == "3"


@pytest.mark.skipif(sys.platform != "linux", reason="another system does not tell which files are open so")
def test_a_training_that_nobody_can_reach_is_ended_and_others_are_not(tmp_path, monkeypatch):
    monkeypatch.setattr(orphans, "YOUNG_SECONDS", 0.0)
    store = RunStore(tmp_path)
    program = (
        "import sys, time; from pathlib import Path; from course_lib.training.lock import acquire; "
        "lock = acquire(Path(sys.argv[1])); print('locked', flush=True); time.sleep(600)"
    )
    processes = {}
    for name in ("lost", "over", "alive"):
        run = store.create(name, CONFIG)
        # The last word is what a worker is known by.
        command = [sys.executable, "-c", program, str(run.path), orphans.MODULE]
        processes[name] = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert processes[name].stdout.readline() == "locked\n"
        state = "done" if name == "over" else "running"
        write_status(run.path, RunStatus(state=state, **identity(processes[name].pid)))
    try:
        (store.root / "lost" / ".lock").unlink()
        (store.root / "lost" / "config.json").unlink()
        ours = {process.pid: name for name, process in processes.items()}
        found = [pid for pid in orphans.find_orphans() if pid in ours]
        assert {ours[pid] for pid in found} == {"lost", "over"}
        assert sorted(orphans.end_orphans(found)) == sorted(found)
        assert processes["alive"].poll() is None
        acquire(store.root / "over").release()
    finally:
        for process in processes.values():
            process.kill()
            process.wait()
