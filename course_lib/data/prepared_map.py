"""Prepared clips of a large data set, written once and mapped into memory: what is not read takes none."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from course_lib.data.keep import explain_full_disk
from course_lib.data.prepared import VERSION
from course_lib.paths import cache_dir

# Larger sets are mapped instead of loaded.
MOST_LOADED_BYTES = 400_000_000


def map_path(digest: str, sr: int, n_samples: int) -> Path:
    """The folder that holds the clips of a data set with content hash ``digest``."""
    return cache_dir() / "prepared" / f"{digest[:16]}-{sr}-{n_samples}-v{VERSION}.map"


def mapped(
    digest: str,
    sr: int,
    n_samples: int,
    clips: int,
    make: Callable[[], Iterator[tuple[np.ndarray, int]]],
) -> tuple[np.ndarray, np.ndarray]:
    """Clips as a read-only memory map, shape (clips, n_samples), and their lengths, shape (clips,).

    ``make()`` yields each clip and its length; it is called when there is no whole map yet. Another process
    that makes the same one at the same time loses nothing but time: whoever is first is kept.

    Raises
    ------
    DatasetError
        A full disk. Other than a small set's cache this one is needed.
    """
    folder = map_path(digest, sr, n_samples)
    found = _open(folder, clips, n_samples)
    if found is not None:
        return found
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}-", suffix=".partial"))
    try:
        _write(partial, make(), clips, n_samples)
        shutil.rmtree(folder, ignore_errors=True)
        try:
            partial.rename(folder)
        except OSError:
            # Somebody else was first.
            if _open(folder, clips, n_samples) is None:
                raise
    except OSError as error:
        raise explain_full_disk(error, folder) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return _open(folder, clips, n_samples)


def _write(folder: Path, rows: Iterator[tuple[np.ndarray, int]], clips: int, n_samples: int) -> None:
    length = np.zeros(clips, np.int64)
    with (folder / "sound.f32").open("wb") as file:
        for row, (clip, end) in enumerate(rows):
            # Through a file, not a map: a full disk is then an error and no fatal signal.
            file.write(np.ascontiguousarray(clip, np.float32).tobytes())
            length[row] = end
        file.flush()
        os.fsync(file.fileno())
    np.save(folder / "length.npy", length)


def _open(folder: Path, clips: int, n_samples: int) -> tuple[np.ndarray, np.ndarray] | None:
    try:
        length = np.load(folder / "length.npy", allow_pickle=False)
        size = (folder / "sound.f32").stat().st_size
    except (OSError, ValueError, EOFError):
        return None
    if (
        length.shape != (clips,)
        or size != 4 * clips * n_samples
        or length.min() < 1
        or length.max() > n_samples
    ):
        return None
    y = np.memmap(folder / "sound.f32", np.float32, mode="r", shape=(clips, n_samples))
    return y, length
