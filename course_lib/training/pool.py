"""A queue of trainings for a program that stays, such as the dashboards' server."""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import replace

from course_lib.training.errors import RunError
from course_lib.training.request import TrainingRequest
from course_lib.training.spawned import Worker
from course_lib.training.start import prepare_run
from course_lib.training.status import read_status, write_status
from course_lib.training.store import Run, RunStore

TICK_SECONDS = 0.2
# A waiting worker that dies this often in a row is not replaced: something is wrong with the installation.
MAX_DEATHS = 3


class WorkerPool:
    """Trains at most ``slots`` runs at a time; the others wait as ``queued``.

    Parameters
    ----------
    slots : int
        Trainings at the same time.
    warm : bool
        Keep one worker waiting that has imported the backend already, which saves the 10 to 15 s of its
        import at the next start, for 0.7 GB of memory.
    store : RunStore, optional
        Where the runs lie.
    """

    def __init__(self, slots: int = 1, *, warm: bool = True, store: RunStore | None = None):
        if slots < 1:
            raise ValueError(f"slots must be at least 1; received {slots}")
        self.slots = slots
        self.warm = warm
        self.store = RunStore() if store is None else store
        self._queue: deque[tuple[Run, bool]] = deque()
        self._busy: list[Worker] = []
        # Trainings that an earlier server started and that go on without it.
        self._adopted = [
            self.store.open(row.name) for row in self.store.list() if row.state in ("running", "paused")
        ]
        self._idle: Worker | None = None
        self._deaths = 0
        self._closed = False
        self._change = threading.Condition()
        self._thread = threading.Thread(target=self._tend, name="worker-pool", daemon=True)
        self._thread.start()

    def submit(self, request: TrainingRequest) -> Run:
        """Queue a training and return its run at once.

        Raises
        ------
        ValueError, FileNotFoundError
            As :func:`course_lib.training.start.prepare_run`; nothing was queued.
        """
        with self._change:
            if self._closed:
                raise RunError("this pool is closed; make another")
            run = prepare_run(request, self.store)
            if len(ahead := [*self.training, *self.queued]) >= self.slots:
                waiting = replace(read_status(run.path), message=f"waiting for {', '.join(ahead)}")
                write_status(run.path, waiting)
            self._queue.append((run, request.resume))
            self._change.notify_all()
        return run

    @property
    def queued(self) -> list[str]:
        """Names of the runs that wait, the next first."""
        with self._change:
            return [run.name for run, _ in self._queue]

    @property
    def training(self) -> list[str]:
        """Names of the runs that have a slot."""
        with self._change:
            return [worker.run.name for worker in self._busy] + [run.name for run in self._adopted]

    def close(self) -> None:
        """Start nothing more. Trainings go on to their end; runs that still wait become ``stopped``."""
        with self._change:
            self._closed = True
            for run, _ in self._queue:
                _cancel(run, "the program that queued it was closed before its turn; resume starts it")
            self._queue.clear()
            if self._idle is not None:
                self._idle.dismiss()
            self._change.notify_all()
        self._thread.join(timeout=5)

    def _tend(self) -> None:
        while True:
            with self._change:
                if self._closed:
                    return
                self._reap()
                self._drop_cancelled()
                self._start_next()
                self._keep_warm()
                watching = self._busy or self._queue or self._adopted or self._idle
                self._change.wait(TICK_SECONDS if watching else None)

    def _reap(self) -> None:
        for worker in [worker for worker in self._busy if not worker.alive]:
            worker.wait()
            self._busy.remove(worker)
        if self._adopted:
            self._adopted = [run for run in self._adopted if run.status().live]

    def _drop_cancelled(self) -> None:
        for item in [item for item in self._queue if item[0].requested == "stop"]:
            self._queue.remove(item)
            _cancel(item[0], "cancelled before it started")

    def _start_next(self) -> None:
        while self._queue and len(self._busy) + len(self._adopted) < self.slots:
            run, resume = self._queue.popleft()
            worker, self._idle = self._idle, None
            try:
                if worker is None or not worker.alive:
                    worker = Worker(log=run.path / "log.txt")
                worker.hand_over(run, resume=resume)
            except (OSError, RunError) as error:
                status = read_status(run.path)
                write_status(run.path, replace(status, state="failed", error=str(error), message=str(error)))
                continue
            self._busy.append(worker)

    def _keep_warm(self) -> None:
        """One waiting worker while a slot is free: during a training its import would steal the cores."""
        if not self.warm or len(self._busy) + len(self._adopted) >= self.slots:
            return
        if self._idle is not None and not self._idle.alive:
            self._idle = None
            self._deaths += 1
        if self._idle is None and self._deaths < MAX_DEATHS:
            self._idle = Worker()


def _cancel(run: Run, message: str) -> None:
    status = read_status(run.path)
    write_status(
        run.path, replace(status, state="stopped", eta_s=None, heartbeat=time.time(), message=message)
    )
