"""Where a training stands, as its ``status.json`` says and as the machine confirms."""

from __future__ import annotations

import os
import platform
import time
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from course_lib.training.durable import read_json, write_json
from course_lib.training.errors import RunError

STATES = ("queued", "running", "paused", "done", "failed", "stopped")
# A run on another machine whose heart has not beaten for this long is taken for dead.
SILENT_SECONDS = 30.0


@dataclass(frozen=True)
class RunStatus:
    """One reading of ``status.json``.

    Attributes
    ----------
    state : str
        One of ``STATES``.
    step, epoch, epochs : int
        Optimiser steps made, epochs completed, epochs planned.
    elapsed_s : float
        Seconds of training, pauses not counted.
    eta_s : float or None
        Estimated seconds to the end.
    heartbeat : float
        Unix time of the last sign of life.
    pid, pid_started, host : int or None, float or None, str
        The process that trains (or that queued the run); numbers are reused, so its start is kept too.
    error : str or None
        Why the run failed.
    message : str
        What is going on, for people.
    """

    state: str = "queued"
    step: int = 0
    epoch: int = 0
    epochs: int = 0
    elapsed_s: float = 0.0
    eta_s: float | None = None
    heartbeat: float = 0.0
    pid: int | None = None
    pid_started: float | None = None
    host: str = ""
    error: str | None = None
    message: str = ""

    @property
    def live(self) -> bool:
        """Something is still going to happen without anybody's doing."""
        return self.state in ("queued", "running", "paused")

    @property
    def resumable(self) -> bool:
        """``--resume`` would go on with it."""
        return self.state in ("stopped", "failed")

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return asdict(self)


def identity(pid: int | None = None) -> dict[str, Any]:
    """The fields of a status that name a process, this one by default, as alive now."""
    import psutil

    pid = os.getpid() if pid is None else pid
    try:
        started = psutil.Process(pid).create_time()
    except psutil.Error:
        started = None
    return {"pid": pid, "pid_started": started, "host": platform.node(), "heartbeat": time.time()}


def write_status(folder: Path, status: RunStatus, *, sync: bool = False) -> None:
    """Write ``status.json``; on a full disk the old file is overwritten in place, so that the end is told."""
    path = Path(folder) / "status.json"
    try:
        write_json(path, status.as_dict(), sync=sync)
    except RunError:
        import json

        try:
            with path.open("r+b") as file:
                file.write(json.dumps(status.as_dict()).encode())
                file.truncate()
        except OSError:
            pass  # nothing can be told by this file any more; the log and the dead process still tell


def read_status(folder: Path) -> RunStatus:
    """``status.json`` as written, defaults where something is missing."""
    content = read_json(Path(folder) / "status.json")
    if not isinstance(content, dict) or content.get("state") not in STATES:
        return RunStatus(state="stopped", message="no status was written")
    known = {field.name for field in fields(RunStatus)}
    return RunStatus(**{key: value for key, value in content.items() if key in known})


def confirmed_status(folder: Path) -> RunStatus:
    """As :func:`read_status`, but a run whose process is gone is shown as ``stopped``."""
    status = read_status(folder)
    if not status.live or process_lives(status):
        return status
    # The process may have written its last word between the two looks.
    status = read_status(folder)
    if not status.live:
        return status
    if status.state == "queued":
        message = "interrupted before it started: the program that queued it is gone; resume starts it"
    else:
        message = "interrupted: its process is gone (killed, or the machine went down); resume goes on"
    return replace(status, state="stopped", eta_s=None, message=message)


def process_lives(status: RunStatus) -> bool:
    """Whether the process that a status names still runs, as far as can be known from here."""
    import psutil

    if status.host and status.host != platform.node():
        return time.time() - status.heartbeat < SILENT_SECONDS
    if status.pid is None:
        return time.time() - status.heartbeat < SILENT_SECONDS
    try:
        process = psutil.Process(status.pid)
        if status.pid_started is not None and abs(process.create_time() - status.pid_started) > 1.0:
            return False
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
    except psutil.Error:
        return time.time() - status.heartbeat < SILENT_SECONDS
