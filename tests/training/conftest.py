"""Shared trainings: a process with TensorFlow costs seconds to start, so few are started."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from course_lib.training.store import Run, RunStore

# Small enough to train in two seconds, long enough to be killed in the middle.
TINY = {"network": "conv1d", "width": "4", "latent_dim": "4", "batch_size": "8"}
EPOCHS, LIMIT = 40, 64
TIMEOUT = 240.0


@pytest.fixture(scope="session", autouse=True)
def private_cache(tmp_path_factory) -> Iterator[None]:
    """Prepared clips go to a folder of this test session."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_CACHE", str(tmp_path_factory.mktemp("cache")))
        patch.setenv("TF_NUM_INTRAOP_THREADS", "1")
        patch.setenv("TF_CPP_MIN_LOG_LEVEL", "3")
        yield


@pytest.fixture(scope="session")
def store(tmp_path_factory) -> RunStore:
    """Runs of the process tests."""
    return RunStore(tmp_path_factory.mktemp("runs"))


def wait_for(condition: Callable[[], object], *, run: Run | None = None, timeout: float = TIMEOUT) -> None:
    """Poll until ``condition()`` holds; a run that fails meanwhile, or the time's end, fails the test."""
    end = time.monotonic() + timeout
    while not condition():
        status = None if run is None else run.status()
        if status is not None and status.state == "failed":
            raise AssertionError(f"{run.name} failed: {status.error}\n{run.log_tail(30)}")
        if time.monotonic() > end:
            raise AssertionError(f"nothing after {timeout} s: {status}\n{run.log_tail(30) if run else ''}")
        time.sleep(0.02)


@pytest.fixture(scope="session")
def finished(store) -> Run:
    """A run that went through without a disturbance, though the program that started it ended at once."""
    program = (
        "import sys; from pathlib import Path\n"
        "from course_lib.training.store import RunStore\n"
        "from course_lib.training.worker import TrainingRequest, start_training\n"
        f"request = TrainingRequest(name='whole', epochs={EPOCHS}, limit_clips={LIMIT}, overrides={TINY!r})\n"
        "start_training(request, RunStore(Path(sys.argv[1])))\n"
        "assert not {'keras', 'tensorflow'} & set(sys.modules)\n"
    )
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, "-c", program, str(store.root)]
    subprocess.run(command, check=True, env=environment, timeout=60)
    run = store.open("whole")
    wait_for(lambda: not run.status().live, run=run)
    assert run.status().state == "done", run.status()
    return run
