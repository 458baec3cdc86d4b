"""Training processes that nobody can reach any more: found and ended when a program that queues starts."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path

from course_lib.training.status import read_status

MODULE = "course_lib.training.worker_process"
# Long enough for the last words of a training that has just ended.
YOUNG_SECONDS = 120.0
GRACE_SECONDS = 5.0


def find_orphans() -> list[int]:
    """Process numbers of this user's workers whose run is gone, over, or trained by another process.

    A training that goes on without the program that started it is none: its run can be watched and stopped.
    Nor is a worker that holds no run: it ends with its parent.
    """
    import time

    import psutil

    found = []
    for process in psutil.process_iter(["cmdline", "create_time", "username"]):
        info = process.info
        if MODULE not in (info["cmdline"] or ()) or process.pid == os.getpid():
            continue
        with contextlib.suppress(psutil.Error):
            if info["username"] != psutil.Process().username():
                continue
            if time.time() - info["create_time"] > YOUNG_SECONDS and _is_orphan(process):
                found.append(process.pid)
    return found


def _is_orphan(process) -> bool:
    locks = [path for path in _open_files(process) if path.name.startswith(".lock")]
    if not locks:
        return False
    folder = locks[0].parent
    if not (folder / "config.json").is_file():
        return True
    status = read_status(folder)
    return not status.live or status.pid != process.pid


def _open_files(process) -> list[Path]:
    """What it holds open; on Linux also what was deleted, as "name (deleted)", which psutil leaves out."""
    handles = Path(f"/proc/{process.pid}/fd")
    if not handles.is_dir():
        return [Path(file.path) for file in process.open_files()]
    found = []
    for handle in handles.iterdir():
        with contextlib.suppress(OSError):
            found.append(handle.readlink())
    return found


def end_orphans(pids: Iterable[int] | None = None) -> list[int]:
    """Ask each to end, then make it; returns the numbers of those that are gone.

    Parameters
    ----------
    pids : iterable of int, optional
        What :func:`find_orphans` gives, by default.
    """
    import psutil

    processes = []
    for pid in find_orphans() if pids is None else pids:
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(pid)
            process.terminate()
            processes.append(process)
    gone, alive = psutil.wait_procs(processes, timeout=GRACE_SECONDS)
    for process in alive:
        with contextlib.suppress(psutil.Error):
            process.kill()
    more, _ = psutil.wait_procs(alive, timeout=GRACE_SECONDS)
    return [process.pid for process in [*gone, *more]]
