"""A sweep's trainings on the workers of a Dask cluster: each finishes once, in whatever order."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from course_lib import __version__
from course_lib.data.cluster import PATIENCE_SECONDS, ClusterError
from course_lib.training.sharing.unpacking import import_run
from course_lib.training.store import RunStore
from course_lib.training.sweep.plan import Sweep, SweepRun
from course_lib.training.sweep.point import news_of, train_point

if TYPE_CHECKING:
    from distributed import Client

News = Callable[[dict[str, Any]], None]
# How often the cluster is asked whether it has workers.
LOOK_SECONDS = 2.0


def unfinished(sweep: Sweep, store: RunStore) -> list[SweepRun]:
    """The trainings that are still to be done."""
    done = {name for name in store.names() if store.open(name).status().state == "done"}
    return [run for run in sweep.runs if run.name not in done]


def run_sweep(
    client: Client,
    sweep: Sweep,
    store: RunStore,
    *,
    threads: int | None = None,
    on_news: News = lambda news: None,
) -> dict[str, str | None]:
    """Train what is unfinished and return when all is over; ``KeyboardInterrupt`` stops the trainings first.

    Parameters
    ----------
    threads : int, optional
        Of each training, for workers that share a machine.
    on_news : callable
        Called with ``name, state, epoch, epochs, step, seconds, loss, best_val_loss, error`` (and ``worker``)
        of a training whenever something changed.

    Returns
    -------
    dict of str to (str or None)
        For each of these trainings what went wrong, or None.

    Raises
    ------
    ClusterError
        No worker for a minute, or the scheduler is gone; what was finished is kept.
    """
    from distributed import Event, as_completed
    from distributed.client import FutureCancelledError
    from distributed.comm.core import CommClosedError

    tag = f"sweep-{sweep.token[:8]}-{time.time_ns():x}"
    client.subscribe_topic(tag, lambda event: on_news(event[1]))
    stop = Event(f"{tag}-stop", client=client)
    futures = {
        client.submit(train_point, job, key=f"{tag}-{run.name}", retries=0, pure=False): run.name
        for run in unfinished(sweep, store)
        for job in [_job(sweep, run, store, tag, threads)]
    }
    problems: dict[str, str | None] = {}
    waiting = as_completed(futures)
    try:
        while len(problems) < len(futures):
            future = _next(waiting, client)
            name = futures[future]
            problems[name] = _take(future, name, store)
            on_news(_last_news(name, store, problems[name]))
    except (FutureCancelledError, CommClosedError) as error:
        raise ClusterError(f"the scheduler is gone: {error}; start it again, then --resume") from error
    except KeyboardInterrupt:
        stop.set()
        _wait_for_the_end(futures)
        raise
    finally:
        client.unsubscribe_topic(tag)
        for future in futures:
            future.release()
    return problems


def _job(sweep: Sweep, run: SweepRun, store: RunStore, tag: str, threads: int | None) -> dict[str, Any]:
    return {
        "request": sweep.request_of(run),
        "root": str(store.root),
        "sweep": str(sweep.folder),
        "token": sweep.token,
        "topic": tag,
        "stop": f"{tag}-stop",
        "version": __version__,
        "threads": threads,
    }


def _next(waiting, client: Client):
    """The next training that is over, as long as there is a worker to go on with the others."""
    alone_since = None
    while not waiting.has_ready():
        if client.ncores():
            alone_since = None
        else:
            alone_since = alone_since or time.monotonic()
            if time.monotonic() - alone_since > PATIENCE_SECONDS:
                raise ClusterError(
                    f"no worker for {PATIENCE_SECONDS:.0f} s; start one by 'dask worker "
                    f"{client.scheduler.address}', then --resume"
                )
        for _ in range(int(LOOK_SECONDS / 0.1)):
            if waiting.has_ready():
                break
            time.sleep(0.1)
    return next(waiting)


def _take(future, name: str, store: RunStore) -> str | None:
    """Put a training that came back into the store; what went wrong, or None."""
    from distributed import KilledWorker

    try:
        result = future.result()
    except KilledWorker:
        return (
            "several workers died over it: out of memory? Give each worker more, or take a smaller batch_size"
        )
    except ModuleNotFoundError as error:
        return f"a worker lacks {error.name}: install this project there, too"
    if result["zip"] is not None and name not in store.names():
        path = store.root / f".{name}.{os.getpid()}.zip"
        try:
            path.write_bytes(result["zip"])
            import_run(path, store, name=name)
        finally:
            path.unlink(missing_ok=True)
    return None if result["state"] == "done" else result["error"] or f"is {result['state']}"


def _last_news(name: str, store: RunStore, problem: str | None) -> dict[str, Any]:
    if name in store.names():
        return news_of(store.open(name)) | ({"error": problem} if problem else {})
    return {"name": name, "state": "failed", "error": problem}


def _wait_for_the_end(futures) -> None:
    """Give every training the time to write its checkpoint; those that wait see the wish and return."""
    from distributed import TimeoutError as NotYet
    from distributed import wait

    try:
        wait(list(futures), timeout=PATIENCE_SECONDS)
    except (NotYet, KeyboardInterrupt):
        return
