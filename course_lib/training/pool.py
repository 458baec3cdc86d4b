"""A queue of trainings for a program that stays, such as the dashboards' server."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

from course_lib.training.devices import gpu_count
from course_lib.training.errors import RunError
from course_lib.training.fair_queue import FairQueue, Waiting
from course_lib.training.orphans import end_orphans
from course_lib.training.request import TrainingRequest
from course_lib.training.spawned import Worker
from course_lib.training.start import prepare_run
from course_lib.training.status import read_status, write_status
from course_lib.training.store import Run, RunStore

TICK_SECONDS = 0.2
# A waiting worker that dies this often in a row is not replaced: something is wrong with the installation.
MAX_DEATHS = 3
# Trainings that one user may have waiting.
QUEUED_EACH = 5


class WorkerPool:
    """Trains at most ``slots`` runs at a time; the others wait as ``queued``, the users in turn.

    Processes that an earlier program left behind and that nobody can reach are ended; trainings that go on
    without it keep their slots.

    Parameters
    ----------
    slots : int, optional
        Trainings at the same time; by default one for each GPU, which it then has alone, or one.
    warm : bool
        Keep one worker waiting that has imported the backend already, which saves the 10 to 15 s of its
        import at the next start, for 0.7 GB of memory.
    store : RunStore, optional
        Where the runs lie.
    queued_each : int
        Trainings that one user may have waiting.
    """

    def __init__(
        self,
        slots: int | None = None,
        *,
        warm: bool = True,
        store: RunStore | None = None,
        queued_each: int = QUEUED_EACH,
    ):
        if slots is not None and slots < 1:
            raise ValueError(f"slots must be at least 1; received {slots}")
        gpus = gpu_count()
        self.slots = max(1, gpus) if slots is None else slots
        # Several trainings on several GPUs share none; several on one share it.
        self._devices = list(range(gpus)) if gpus > 1 and self.slots <= gpus else []
        self.warm = warm
        self.store = RunStore() if store is None else store
        self._queue = FairQueue(queued_each)
        self._busy: list[Worker] = []
        # Trainings that an earlier server started and that go on without it.
        self._adopted = [
            self.store.open(row.name) for row in self.store.list() if row.state in ("running", "paused")
        ]
        self._idle: Worker | None = None
        self._deaths = 0
        self._closed = False
        end_orphans()
        self._change = threading.Condition()
        self._thread = threading.Thread(target=self._tend, name="worker-pool", daemon=True)
        self._thread.start()

    def submit(self, request: TrainingRequest, *, user: str = "") -> Run:
        """Queue a training and return its run at once.

        Parameters
        ----------
        user : str
            Whose it is: the users' trainings take turns.

        Raises
        ------
        ValueError, FileNotFoundError
            As :func:`course_lib.training.start.prepare_run`, or the user has enough waiting already; nothing
            was queued.
        """
        with self._change:
            if self._closed:
                raise RunError("this pool is closed; make another")
            self._queue.check(user)
            run = prepare_run(request, self.store)
            if len(ahead := [*self.training, *self.queued]) >= self.slots:
                waiting = replace(read_status(run.path), message=f"waiting for {', '.join(ahead)}")
                write_status(run.path, waiting)
            self._queue.push(Waiting(run, user, request.resume))
            self._change.notify_all()
        return run

    @property
    def queued(self) -> list[str]:
        """Names of the runs that wait, the next first."""
        with self._change:
            return [item.run.name for item in self._queue]

    @property
    def training(self) -> list[str]:
        """Names of the runs that have a slot."""
        with self._change:
            return [worker.run.name for worker in self._busy] + [run.name for run in self._adopted]

    def close(self) -> None:
        """Start nothing more. Trainings go on to their end; runs that still wait become ``stopped``."""
        with self._change:
            self._closed = True
            for item in list(self._queue):
                self._queue.remove(item)
                _cancel(item.run, "the program that queued it was closed before its turn; resume starts it")
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
        for item in [item for item in self._queue if item.run.requested == "stop"]:
            self._queue.remove(item)
            _cancel(item.run, "cancelled before it started")

    def _start_next(self) -> None:
        while self._queue and len(self._busy) + len(self._adopted) < self.slots:
            item = self._queue.pop()
            run = item.run
            worker, self._idle = self._idle, None
            try:
                if worker is None or not worker.alive:
                    worker = Worker(log=run.path / "log.txt", device=self._free_device())
                worker.hand_over(run, resume=item.resume)
            except (OSError, RunError) as error:
                status = read_status(run.path)
                write_status(run.path, replace(status, state="failed", error=str(error), message=str(error)))
                continue
            self._busy.append(worker)

    def _free_device(self) -> int | None:
        taken = {worker.device for worker in self._busy}
        return next((device for device in self._devices if device not in taken), None)

    def _keep_warm(self) -> None:
        """One waiting worker while a slot is free: during a training its import would steal the cores."""
        if not self.warm or len(self._busy) + len(self._adopted) >= self.slots:
            return
        if self._idle is not None and not self._idle.alive:
            self._idle = None
            self._deaths += 1
        if self._idle is None and self._deaths < MAX_DEATHS:
            self._idle = Worker(device=self._free_device())


def _cancel(run: Run, message: str) -> None:
    status = read_status(run.path)
    write_status(
        run.path, replace(status, state="stopped", eta_s=None, heartbeat=time.time(), message=message)
    )
