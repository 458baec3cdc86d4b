"""One training a run: the kernel drops this lock when its process dies, however it dies."""

from __future__ import annotations

from pathlib import Path

import filelock

from course_lib.training.errors import RunError
from course_lib.training.status import read_status

# A killed process is seen to be gone a moment before the kernel has closed its files.
PATIENCE_SECONDS = 5.0


def acquire(folder: Path) -> filelock.BaseFileLock:
    """Take the run's lock; ``release()`` it at the end.

    Raises
    ------
    RunError
        Another process trains this run.
    """
    lock = filelock.FileLock(Path(folder) / ".lock", timeout=PATIENCE_SECONDS)
    try:
        lock.acquire()
    except filelock.Timeout as error:
        raise RunError(
            f"run {Path(folder).name} is being trained by process {read_status(folder).pid}; "
            "watch it with course runs show, or stop it first"
        ) from error
    return lock
