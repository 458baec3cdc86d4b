"""Files that appear whole or not at all, whatever happens to the process that writes them."""

from __future__ import annotations

import errno
import hashlib
import io
import json
import os
import shutil
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np

from course_lib.training.errors import RunError


def sha256(data: bytes) -> str:
    """Hexadecimal SHA-256 of bytes."""
    return hashlib.sha256(data).hexdigest()


def write_bytes(path: Path, data: bytes, *, sync: bool = True) -> None:
    """Write ``data`` beside ``path``, sync it, read it back and rename it over ``path``.

    Parameters
    ----------
    sync : bool
        False skips the sync and the reading back: for small files that are rewritten every second.

    Raises
    ------
    RunError
        The disk is full or the folder cannot be written; ``path`` still holds what it held.
    """
    path = Path(path)
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.partial")
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            if sync:
                os.fsync(file.fileno())
        if sync and temporary.read_bytes() != data:
            raise RunError(
                f"{path.name} did not read back as it was written; check the disk of {path.parent}"
            )
        replace(temporary, path)
        if sync:
            _sync_folder(path.parent)
    except OSError as error:
        raise RunError(explain(error, path)) from error
    finally:
        temporary.unlink(missing_ok=True)


def replace(source: Path, target: Path) -> None:
    """Rename over ``target``. Windows refuses while a reader holds the target open: try for a second."""
    for attempt in range(21):
        try:
            source.replace(target)
            return
        except PermissionError:
            if os.name != "nt" or attempt == 20:
                raise
            time.sleep(0.05)


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError:
        pass  # some network file systems cannot sync a folder; the file itself is safe
    finally:
        os.close(descriptor)


def write_json(path: Path, content: Any, *, sync: bool = True) -> None:
    """Write JSON as :func:`write_bytes` does. NaN becomes null: not every reader accepts it."""
    text = json.dumps(_finite(content), indent=1, ensure_ascii=False)
    write_bytes(path, text.encode(), sync=sync)


def _finite(content: Any) -> Any:
    if isinstance(content, dict):
        return {str(key): _finite(value) for key, value in content.items()}
    if isinstance(content, (list, tuple)):
        return [_finite(value) for value in content]
    if isinstance(content, np.generic):
        content = content.item()
    if isinstance(content, float) and not np.isfinite(content):
        return None
    return content


def read_json(path: Path) -> Any | None:
    """What the file holds, or None when it is missing or not JSON."""
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def npz_bytes(arrays: dict[str, np.ndarray]) -> bytes:
    """Arrays as the bytes of an uncompressed .npz file."""
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def npz_arrays(data: bytes) -> dict[str, np.ndarray]:
    """The arrays of :func:`npz_bytes`; pickled objects are refused."""
    with np.load(io.BytesIO(data), allow_pickle=False) as archive:
        return {name: archive[name] for name in archive.files}


def publish_folder(temporary: Path, target: Path) -> None:
    """Rename a finished folder to its final name; an older one of that name is replaced."""
    old = target.with_name(f".{target.name}.{os.getpid()}.old")
    try:
        if target.exists():
            target.rename(old)
        temporary.rename(target)
    except OSError as error:
        raise RunError(explain(error, target)) from error
    finally:
        shutil.rmtree(old, ignore_errors=True)


def explain(error: OSError, path: Path) -> str:
    """One sentence for a file error, with the remedy for the usual ones."""
    path = Path(path)
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"no space left on the disk of {path.parent}; free some, then go on with --resume"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return (
            f"{path.parent} cannot be written; choose another folder by COURSE_RUNS or change its permissions"
        )
    return f"{path} could not be written: {error.strerror or error}"
