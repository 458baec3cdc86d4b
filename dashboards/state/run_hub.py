"""One reader for all the runs that anybody in this process watches."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from course_lib.training.diagnosis.files import diagnose_files
from course_lib.training.diagnosis.report import Diagnosis
from dashboards.state.sentences import LIVE_STATES

log = logging.getLogger(__name__)

FAST_SECONDS = 0.22
SLOW_SECONDS = 2.0
# A diagnosis is no movement on the screen: this often is live enough.
DIAGNOSIS_SECONDS = 2.0


@dataclass(frozen=True)
class RunSnapshot:
    """What a run's folder said at one moment.

    Attributes
    ----------
    name : str
    config, status : dict
        The contents of ``config.json`` and ``status.json`` (empty while they cannot be read).
    history : dict of str to list of float
        Columns of ``history.csv``, equally long; a missing value is NaN.
    previews : tuple
        The rungs of the ladder, by step.
    diagnosis : Diagnosis or None
        What the files say is wrong, at most two seconds old; None before the first look.
    problem : str or None
        Why the folder cannot be read, in words.
    """

    name: str
    config: dict[str, Any] = field(default_factory=dict)
    status: dict[str, Any] = field(default_factory=dict)
    history: dict[str, list[float]] = field(default_factory=dict)
    previews: tuple[Any, ...] = ()
    diagnosis: Diagnosis | None = None
    problem: str | None = None


class Subscription:
    """A promise to call ``callback(snapshot)`` on every change, until :meth:`close`."""

    def __init__(self, hub: RunHub, key: str, callback: Callable[[RunSnapshot], None]):
        self._hub, self._key, self._callback = hub, key, callback

    def close(self) -> None:
        """Stop the calls; closing twice does no harm."""
        self._hub._forget(self._key, self._callback)


class _Watched:
    """A run, who listens to it, and what its files looked like when they were last read."""

    def __init__(self, run):
        self.run = run
        self.callbacks: list[Callable[[RunSnapshot], None]] = []
        self.marks: dict[str, Any] = {}
        self.snapshot: RunSnapshot | None = None
        self.next_look = 0.0
        self.next_diagnosis = 0.0


class RunHub:
    """Reads each watched run once, whoever and however many watch it.

    A single thread looks at the folders about five times a second (every two seconds once a run has
    ended) and reads only the files that changed. It starts with the first subscription and ends with
    the last. Callbacks run in that thread: a page hands them on to its own session.
    """

    def __init__(self, *, fast_seconds: float = FAST_SECONDS, slow_seconds: float = SLOW_SECONDS):
        self._fast, self._slow = fast_seconds, slow_seconds
        self._lock = threading.RLock()
        self._watched: dict[str, _Watched] = {}
        self._thread: threading.Thread | None = None
        self._wake = threading.Event()

    def subscribe(self, run, callback: Callable[[RunSnapshot], None]) -> Subscription:
        """Call ``callback`` with the present snapshot now (in this thread) and again after each change."""
        key = str(run.path)
        with self._lock:
            watched = self._watched.setdefault(key, _Watched(run))
            if watched.snapshot is None:
                self._read(watched)
            watched.callbacks.append(callback)
            watched.next_look = 0.0
            snapshot = watched.snapshot
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._loop, name="run-reader", daemon=True)
                self._thread.start()
        self._wake.set()
        callback(snapshot)
        return Subscription(self, key, callback)

    @property
    def watching(self) -> dict[str, int]:
        """Listeners by run folder."""
        with self._lock:
            return {key: len(watched.callbacks) for key, watched in self._watched.items()}

    def hurry(self) -> None:
        """Look at all runs at once, for instance after a command was sent."""
        with self._lock:
            for watched in self._watched.values():
                watched.next_look = 0.0
        self._wake.set()

    def _forget(self, key: str, callback: Callable[[RunSnapshot], None]) -> None:
        with self._lock:
            watched = self._watched.get(key)
            if watched is None:
                return
            if callback in watched.callbacks:
                watched.callbacks.remove(callback)
            if not watched.callbacks:
                del self._watched[key]
        self._wake.set()

    def _loop(self) -> None:
        while True:
            with self._lock:
                if not self._watched:
                    self._thread = None
                    return
                due = [watched for watched in self._watched.values() if watched.next_look <= time.monotonic()]
            for watched in due:
                changed = self._read(watched)
                live = watched.snapshot.status.get("state") in LIVE_STATES
                watched.next_look = time.monotonic() + (self._fast if live else self._slow)
                if changed:
                    self._tell(watched)
            self._wake.wait(self._fast)
            self._wake.clear()

    def _tell(self, watched: _Watched) -> None:
        with self._lock:
            callbacks = list(watched.callbacks)
        for callback in callbacks:
            try:
                callback(watched.snapshot)
            except Exception:
                # One broken viewer must not silence the others; a repeated error would flood the log.
                log.exception("a viewer of run %s failed and was removed", watched.snapshot.name)
                self._forget(str(watched.run.path), callback)

    def _read(self, watched: _Watched) -> bool:
        """Read what changed; True when there is something new to tell."""
        old = watched.snapshot or RunSnapshot(name=watched.run.name)
        try:
            values, problem = self._changed_parts(watched, old), None
        except (OSError, ValueError) as error:
            values, problem = {}, str(error)
        if not watched.run.path.is_dir():
            # Asked last: the folder may have gone while its files were being read.
            values, problem = {}, f"the folder of run {old.name} is gone ({watched.run.path})"
        parts = {
            "config": old.config,
            "status": old.status,
            "history": old.history,
            "previews": old.previews,
            "diagnosis": old.diagnosis,
        } | values
        if not problem:
            parts["diagnosis"] = _diagnosis(watched, parts)
        new = RunSnapshot(name=old.name, problem=problem, **parts)
        changed = watched.snapshot is None or new != old
        if changed:
            watched.snapshot = new
        return changed

    def _changed_parts(self, watched: _Watched, old: RunSnapshot) -> dict[str, Any]:
        run, marks, values = watched.run, watched.marks, {}
        # The store also judges a heartbeat that stands still, so the status is asked for every time.
        values["status"] = run.status().as_dict()
        for part, path, read in (
            ("config", "config.json", run.config),
            ("history", "history.csv", run.history),
            ("previews", "previews", lambda: tuple(run.previews())),
        ):
            mark = _mark(run.path / path)
            if mark != marks.get(part, "never read"):
                values[part] = read()
                marks[part] = mark
        return values


def _diagnosis(watched: _Watched, parts: dict[str, Any]) -> Diagnosis | None:
    """What the files say now: the old one while nothing has changed or it is fresh."""
    status, now = parts["status"], time.monotonic()
    mark = (watched.marks.get("history"), watched.marks.get("previews"), status.get("state"))
    # The last word of a run is not put off.
    too_soon = now < watched.next_diagnosis and status.get("state") in LIVE_STATES
    if too_soon or mark == watched.marks.get("diagnosis"):
        return parts["diagnosis"]
    watched.marks["diagnosis"] = mark
    watched.next_diagnosis = now + DIAGNOSIS_SECONDS
    try:
        name, config = watched.run.name, parts["config"]
        return diagnose_files(name, config, status, parts["history"], parts["previews"])
    except Exception:
        # Whatever a check stumbles over, the run itself goes on being shown.
        log.exception("run %s could not be diagnosed", watched.run.name)
        return parts["diagnosis"]


def _mark(path) -> tuple[int, int] | None:
    try:
        stat = path.stat()
    except FileNotFoundError:
        return None
    return stat.st_mtime_ns, stat.st_size


HUB = RunHub()
