"""What a worker of the cluster does with one training of a sweep.

Where the worker sees the same folder of runs as the client, the training writes there: it can be watched as
any other, and when the worker dies, the next one waits for the training that goes on without it, or resumes
it from its checkpoint. Elsewhere the training happens in a folder of the worker's own, and what comes back is
the exported run.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from course_lib import __version__
from course_lib.training.errors import RunError
from course_lib.training.request import TrainingRequest
from course_lib.training.sharing.packing import export_run
from course_lib.training.store import Run, RunStore
from course_lib.training.sweep.plan import TOKEN
from course_lib.training.worker import start_training

POLL_SECONDS = 0.5
# A training that fails is resumed once: a crash may have been the machine's. A wrong setting fails again.
ATTEMPTS = 2


def train_point(job: dict[str, Any]) -> dict[str, Any]:
    """Train one run to its end, whatever became of earlier attempts.

    Parameters
    ----------
    job : dict
        ``request`` (fields of a :class:`TrainingRequest`), ``root`` and ``sweep`` (folders as the client
        names them), ``token``, ``topic`` (of the news), ``stop`` (name of an event), ``version``,
        ``threads`` (of the backend; None for all).

    Returns
    -------
    dict
        ``name``, ``state``, ``error`` and ``zip``: the exported run in bytes, None where the disk is shared.
    """
    name = job["request"]["name"]
    try:
        if job["version"] != __version__:
            raise RunError(f"this worker has version {__version__} of the course; expected {job['version']}")
        if job["threads"]:
            os.environ["TF_NUM_INTRAOP_THREADS"] = os.environ["OMP_NUM_THREADS"] = str(job["threads"])
        if _shares_the_disk(job):
            return _trained(job, RunStore(Path(job["root"]))) | {"zip": None}
        folder = Path(tempfile.mkdtemp(prefix="course-sweep-"))
        try:
            result = _trained(job, RunStore(folder))
            if result["state"] == "missing":
                return result | {"zip": None}
            export_run(RunStore(folder).open(name), folder / "run.zip")
            return result | {"zip": (folder / "run.zip").read_bytes()}
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    except (RunError, ValueError, OSError) as error:
        return {"name": name, "state": "failed", "error": str(error), "zip": None}


def _shares_the_disk(job: dict[str, Any]) -> bool:
    try:
        return (Path(job["sweep"]) / TOKEN).read_text() == job["token"]
    except OSError:
        return False


def _trained(job: dict[str, Any], store: RunStore) -> dict[str, Any]:
    tell, stop = _channel(job)
    name, attempts = job["request"]["name"], 0
    while True:
        if stop():
            return {"name": name, "state": _stopped(store, name), "error": None}
        run = store.open(name) if name in store.names() else None
        status = None if run is None else run.status()
        if status is not None and (status.state == "done" or attempts >= ATTEMPTS):
            tell(run)
            return {"name": name, "state": status.state, "error": status.error}
        if status is None or not status.live:
            fields = {"name": name, "resume": True} if run is not None else job["request"]
            run = start_training(TrainingRequest.checked(**fields), store)
            attempts += 1
        # One that lives was started by a worker that died: its training went on without it.
        _watch(run, tell, stop)
        if stop():
            return {"name": name, "state": run.status().state, "error": None}


def _stopped(store: RunStore, name: str) -> str:
    return store.open(name).status().state if name in store.names() else "missing"


def _watch(run: Run, tell: Callable[[Run], None], stop: Callable[[], bool]) -> None:
    """Until the training is over, or was asked to stop and has."""
    asked = False
    while run.status().live:
        tell(run)
        if stop() and not asked:
            asked = True
            try:
                run.request("stop")
            except RunError:
                return
        time.sleep(POLL_SECONDS)
    tell(run)


def _channel(job: dict[str, Any]) -> tuple[Callable[[Run], None], Callable[[], bool]]:
    """(tell the client how a run stands, has the client asked to stop)."""
    from distributed import Event, get_worker

    worker, event = get_worker(), Event(job["stop"])
    told: dict[str, Any] = {}

    def tell(run: Run) -> None:
        news = news_of(run)
        if news != told:
            told.update(news)
            worker.log_event(job["topic"], news | {"worker": worker.address})

    return tell, event.is_set


def news_of(run: Run) -> dict[str, Any]:
    """How a run stands, in a few numbers: what the live table and the results show."""
    status, history = run.status(), run.history()
    best = run.best_val_loss()
    return {
        "name": run.name,
        "state": status.state,
        "epoch": status.epoch,
        "epochs": status.epochs,
        "step": status.step,
        "seconds": round(status.elapsed_s, 1),
        "loss": history["loss"][-1] if history["loss"] else None,
        "best_val_loss": best,
        "error": status.error,
    }
