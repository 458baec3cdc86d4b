"""Carries jobs out: finds or trains their runs, finds or computes their scores."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator

from course_lib.training.errors import RunError
from course_lib.training.request import TrainingRequest
from course_lib.training.run_folder import Run
from course_lib.training.scoreboard import evaluations, matching
from course_lib.training.scoreboard.entry import Entry
from course_lib.training.scoreboard.job import Job
from course_lib.training.scoreboard.watcher import Watcher
from course_lib.training.status import RunStatus
from course_lib.training.store import RunStore
from course_lib.training.worker import start_training

POLL_SECONDS = 0.25
# What is most work first: an entry of several trainings is called by it.
HOW = ("trained", "resumed", "awaited", "reused")


def carry_out(
    jobs: Iterable[Job], store: RunStore, *, watcher: Watcher | None = None, fresh: bool = False
) -> Iterator[Entry]:
    """Train and score one job after the other; each is kept in its run's folder when it is over.

    One that fails is an entry with its error, and the next one begins: a night's work does not end there.
    Whoever interrupts this, or kills it, calls it again: what is finished is found, what trains is waited
    for, what was stopped goes on.

    Parameters
    ----------
    fresh : bool
        Train and score anew whatever there is.
    """
    watcher = Watcher() if watcher is None else watcher
    for job in jobs:
        watcher.begins(job)
        entry = _carry_out(job, store, watcher, fresh)
        watcher.ends(entry)
        yield entry


def _carry_out(job: Job, store: RunStore, watcher: Watcher, fresh: bool) -> Entry:
    runs: dict[str, Run] = {}
    ways: list[str] = []
    scoring = ""
    result = error = None
    try:
        for preset, request in job.requests().items():
            runs[preset], how = _trained(job, preset, request, store, watcher, fresh)
            ways.append(how)
        result, scoring = _scored(job, runs, watcher, fresh)
    except (ValueError, OSError, RuntimeError, MemoryError) as problem:
        error = str(problem) or type(problem).__name__
    names = {preset: run.name for preset, run in runs.items()}
    training = min(ways, key=HOW.index, default="")
    return Entry(job, names, training, scoring, result, error)


def _trained(
    job: Job, preset: str, request: TrainingRequest, store: RunStore, watcher: Watcher, fresh: bool
) -> tuple[Run, str]:
    """A finished run of ``request``, and how it came to be."""
    match = None if fresh else matching.find(store, request)
    if match is None:
        request = request.model_copy(update={"name": store.new_name(job.stem(preset))})
        run, how = start_training(request, store), "trained"
    elif match.what == "resume":
        resumed = TrainingRequest(preset=preset, dataset=job.dataset, name=match.run.name, resume=True)
        run, how = start_training(resumed, store), "resumed"
    else:
        run, how = match.run, "reused" if match.what == "reuse" else "awaited"
    watcher.training(job, run, how)
    wait(run, lambda status: watcher.status(job, run, status), ours=how in ("trained", "resumed"))
    return run, how


def wait(run: Run, on_status: Callable[[RunStatus], object], *, ours: bool = True) -> None:
    """Until the run is done.

    Parameters
    ----------
    on_status : callable
        Told where it is, several times a second.
    ours : bool
        Whether to stop it when this is interrupted.

    Raises
    ------
    RunError
        It failed, or somebody stopped it.
    """
    try:
        while (status := run.status()).live:
            on_status(status)
            time.sleep(POLL_SECONDS)
    except BaseException:
        # It has its own process and would go on for minutes that nobody asked for any more.
        if ours:
            with contextlib.suppress(RunError):
                run.request("stop")
        raise
    if status.state != "done":
        raise RunError(f"run {run.name} {status.state}: {status.error or status.message}")


def _scored(job: Job, runs: dict[str, Run], watcher: Watcher, fresh: bool) -> tuple[dict, str]:
    lesson = job.lesson
    run = runs[lesson.preset]
    rivals = {preset: rival for preset, rival in runs.items() if preset != lesson.preset}
    if not fresh:
        key = evaluations.key_of(lesson, run, n=job.n, rivals=rivals)
        if (result := evaluations.kept(lesson, run, key)) is not None:
            watcher.scoring(job, "")
            return result, "reused"
        if changed := evaluations.stale(lesson, run, key):
            watcher.stale(job, changed)
    result = evaluations.evaluate(
        lesson, run, n=job.n, rivals=rivals, on_row=lambda row: watcher.scoring(job, row)
    )
    return result, "scored"
