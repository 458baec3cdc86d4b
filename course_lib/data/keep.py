"""Put a folder of recordings into the cache whole or not at all, one process at a time."""

from __future__ import annotations

import errno
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from course_lib.data.errors import DatasetError

LOCK_SECONDS = 600


@dataclass(frozen=True)
class Imported:
    """What an import did.

    Attributes
    ----------
    folder : Path
        Where the recordings are now.
    files : int
        Recordings checked and kept.
    ignored : int
        Other files beside them.
    already : bool
        The same recordings were there before.
    left_out : dict
        {recording: why it cannot be used}.
    """

    folder: Path
    files: int
    ignored: int
    already: bool = False
    left_out: dict[str, str] | None = None


@contextmanager
def alone(target: Path, *, seconds: float | None = None) -> Iterator[None]:
    """Only one process at a time changes ``target``; the lock ends with the process that holds it."""
    seconds = LOCK_SECONDS if seconds is None else seconds
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(target.with_name(f".{target.name}.lock")).acquire(timeout=seconds):
            yield
    except Timeout as error:
        raise DatasetError(
            f"another import into {target} has been running for {seconds} s; wait for it or end it"
        ) from error


@contextmanager
def new_folder(target: Path) -> Iterator[Path]:
    """An empty folder that takes the place of ``target`` when the block ends well, and vanishes otherwise.

    Call it holding the lock of :func:`alone`.
    """
    # Holding the lock, any folder of this form is left over from an import that was killed.
    for stale in target.parent.glob(f".{target.name}-*.partial"):
        shutil.rmtree(stale, ignore_errors=True)
    partial = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}-", suffix=".partial"))
    try:
        new = partial / "new"
        new.mkdir()
        yield new
        if target.exists():
            target.rename(partial / "old")
        new.rename(target)
    except OSError as error:
        raise explain_full_disk(error, target) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def explain_full_disk(error: OSError, where: Path) -> OSError | DatasetError:
    """``error`` itself, or for a full disk or quota what to do about it."""
    if error.errno not in (errno.ENOSPC, errno.EDQUOT):
        return error
    return DatasetError(
        f"the disk that holds {where.parent} is full; nothing was kept: make room, or let COURSE_CACHE "
        "name a folder on a larger disk"
    )


def remove_folder(target: Path) -> bool:
    """Delete ``target``; whether there was anything."""
    if not target.exists():
        return False
    with alone(target):
        # Out of sight first: a removal that is interrupted leaves no half data set.
        doomed = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}-", suffix=".partial"))
        target.rename(doomed / "old")
        shutil.rmtree(doomed)
    return True
