"""Start trainings in processes of their own. The one module that pages and notebooks need; no Keras here."""

from __future__ import annotations

import threading

from course_lib.training.pool import WorkerPool
from course_lib.training.request import TrainingRequest
from course_lib.training.run_folder import Run
from course_lib.training.spawned import Worker
from course_lib.training.start import prepare_run
from course_lib.training.store import RunStore

__all__ = ["TrainingRequest", "Worker", "WorkerPool", "start_training"]


def start_training(request: TrainingRequest, store: RunStore | None = None) -> Run:
    """Start a training in its own process and return at once; it goes on when this program ends.

    Raises
    ------
    ValueError, FileNotFoundError
        As :func:`course_lib.training.start.prepare_run`: nothing was started, no folder is left.
    """
    run = prepare_run(request, store)
    worker = Worker(log=run.path / "log.txt")
    worker.hand_over(run, resume=request.resume)
    # Reaps the process, and tells the run's viewers if it crashes.
    threading.Thread(target=worker.wait, name=f"watch-{run.name}", daemon=True).start()
    return run
