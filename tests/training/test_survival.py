"""Trainings killed at random moments and resumed, again and again: the end is that of one left alone.

``COURSE_KILLS=20`` kills each trainer that often; the suite does it a few times.
"""

from __future__ import annotations

import os
import random
import signal
import time

import numpy as np
import pytest
from conftest import TINY, wait_for

from course_lib.training.store import Run, RunError, RunStore
from course_lib.training.worker import TrainingRequest, start_training

KILLS = int(os.environ.get("COURSE_KILLS", "3"))
TRAINERS = {
    "fit": {"preset": "autoencoder", "epochs": 30, "overrides": TINY},
    "game": {
        "preset": "conditional_gan",
        "epochs": 30,
        "overrides": {"width": 8, "critic_width": 8, "batch_size": 16, "noise_dim": 4},
    },
}


def arrays(run: Run) -> dict[str, np.ndarray]:
    with np.load(run.path / "model" / "weights.npz") as file:
        return dict(file)


def kill_at(run: Run, step: int, rng: random.Random) -> bool:
    """Kill the training some milliseconds after its step ``step``; False when it was over before."""
    wait_for(lambda: run.status().step >= step or not run.status().live, run=run)
    time.sleep(rng.uniform(0, 0.2))
    status = run.status()
    if not status.live:
        return False
    os.kill(status.pid, signal.SIGKILL)
    wait_for(lambda: not run.status().live)
    return True


@pytest.mark.slow
@pytest.mark.parametrize("trainer", TRAINERS)
def test_killed_again_and_again_it_ends_where_it_would_have(trainer, store: RunStore):
    fields = TRAINERS[trainer] | {"limit_clips": 64}
    whole = start_training(TrainingRequest(name=f"{trainer}-whole", **fields), store)
    wait_for(lambda: not whole.status().live, run=whole)
    steps = whole.status().step
    rng = random.Random(7)
    run = start_training(TrainingRequest(name=f"{trainer}-killed", **fields), store)
    kills = 0
    # The moments are spread over the training; 0 is before its first step, while data or network are made.
    for target in sorted(rng.randrange(0, steps) for _ in range(KILLS)):
        kills += kill_at(run, target, rng)
        if run.status().state == "done":
            break
        run = start_training(TrainingRequest(name=run.name, resume=True), store)
    wait_for(lambda: not run.status().live, run=run)
    assert kills >= max(1, KILLS // 2), "it was to be killed in its middle"
    assert run.status().state == "done", run.status().error
    for name, expected in arrays(whole).items():
        np.testing.assert_array_equal(arrays(run)[name], expected, err_msg=name)
    ours, theirs = whole.history(), run.history()
    for column in ("step", "epoch", "loss", "learning_rate"):
        assert theirs[column] == ours[column], column
    assert [preview.step for preview in run.previews()] == [preview.step for preview in whole.previews()]
    leftovers = [path.name for path in run.path.rglob(".*") if path.name != ".lock"]
    assert not leftovers


@pytest.mark.slow
def test_two_at_once_are_one(store: RunStore):
    """A second resume of a run that trains is refused, and the first goes on undisturbed."""
    fields = TRAINERS["fit"] | {"limit_clips": 64, "epochs": 100_000}
    run = start_training(TrainingRequest(name="contested", **fields), store)
    wait_for(lambda: run.status().step > 3, run=run)
    pid, step = run.status().pid, run.status().step
    with pytest.raises(RunError, match=rf"run contested is running in process {pid}"):
        start_training(TrainingRequest(name="contested", resume=True), store)
    wait_for(lambda: run.status().step > step, run=run)
    assert run.status().pid == pid
    run.request("stop")
    wait_for(lambda: not run.status().live)
