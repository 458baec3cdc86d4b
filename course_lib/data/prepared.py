"""Prepared clips kept on disk, so that a second load takes a fraction of a second."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from course_lib.paths import cache_dir

# Raise when course_lib.data.clips.prepare changes what it returns.
VERSION = 2


def prepared_path(digest: str, sr: int, n_samples: int) -> Path:
    """The cache file of a data set with content hash ``digest`` at one rate and clip length."""
    return cache_dir() / "prepared" / f"{digest[:16]}-{sr}-{n_samples}-v{VERSION}.npz"


def cached(
    digest: str, sr: int, n_samples: int, make: Callable[[], tuple[np.ndarray, np.ndarray]]
) -> tuple[np.ndarray, np.ndarray]:
    """Return ``make()``: clips, shape (clips, n_samples), and lengths, shape (clips,), cached.

    A cache that is damaged is made again; one that cannot be written (a full disk, a read-only home) costs
    time, not the lesson.
    """
    path = prepared_path(digest, sr, n_samples)
    with contextlib.suppress(OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return _read(path, n_samples)
    y, length = make()
    with contextlib.suppress(OSError):
        _write(path, y, length)
    return y, length


def forget(digest: str) -> None:
    """Delete what was kept of the data set with content hash ``digest``."""
    for path in (cache_dir() / "prepared").glob(f"{digest[:16]}-*.npz"):
        path.unlink(missing_ok=True)
    for path in (cache_dir() / "prepared").glob(f"{digest[:16]}-*.map"):
        shutil.rmtree(path, ignore_errors=True)


def _read(path: Path, n_samples: int) -> tuple[np.ndarray, np.ndarray]:
    with np.load(path, allow_pickle=False) as archive:
        sound, length = archive["sound"], archive["length"]
    if length.ndim != 1 or sound.shape != (length.sum(),) or length.min() < 0 or length.max() > n_samples:
        raise ValueError(f"{path.name} is not a cache of prepared clips")
    y = np.zeros((len(length), n_samples), np.float32)
    y[np.arange(n_samples) < length[:, None]] = sound
    return y, length


def _write(path: Path, y: np.ndarray, length: np.ndarray) -> None:
    """Only the sound is kept, not the zeros after it: 45 MB for FSDD instead of 98."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, partial = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".partial")
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez(file, sound=y[np.arange(y.shape[1]) < length[:, None]], length=length)
        Path(partial).replace(path)
    finally:
        Path(partial).unlink(missing_ok=True)
