"""Features on disk: encoded once, read back in a fraction of a second, never held in memory as a whole."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import logging
import mmap
import os
import shutil
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import filelock
import numpy as np

from course_lib.audio.representation import Representation
from course_lib.data.clip_source import ClipSource
from course_lib.data.encode import check_match, encode_blocks
from course_lib.paths import cache_dir

# Raise when an encoding changes what it returns for the same configuration.
VERSION = 1
# A process that finds another at the same work waits for it this long, then does it too.
PATIENCE_SECONDS = 600.0
# Without a disk to write to, features of at most this many bytes are made in memory.
MOST_IN_MEMORY = 2**30
# The file ends with the checksum of all before it; readers of .npy files do not look there.
SEAL, SEAL_BYTES = b"crc32 ", 14
PIECE = 2**20

logger = logging.getLogger(__name__)
Encoder = Callable[[ClipSource, Representation], Iterable[np.ndarray]]


class CacheUnwritable(OSError):
    """The disk is full, or the cache cannot be written."""


class CacheDamaged(ValueError):
    """A cache file that is not what was written."""


def features_path(source: ClipSource, representation: Representation) -> Path:
    """The cache file: named for what the clips and the representation are, not for what they are called."""
    text = json.dumps(representation.config, sort_keys=True)
    key = hashlib.sha256(f"{VERSION} {source.sha256} {text}".encode()).hexdigest()
    return cache_dir() / "features" / f"{source.sha256[:16]}-{key[:16]}.npy"


def cached_features(
    source: ClipSource,
    representation: Representation,
    *,
    encoder: Encoder = encode_blocks,
    on_progress: Callable[[int, int], None] | None = None,
) -> np.ndarray:
    """``representation.encode`` of all clips, shape (clips, frames, bands), float32, mapped from disk.

    The first call encodes; later ones, of any process, compare a checksum and map the file. A damaged file is
    made again. Where nothing can be written, a set of up to 1 GiB is encoded in memory: that costs time,
    not the lesson.

    Parameters
    ----------
    encoder : callable
        What turns the source into blocks of features; :func:`cluster.encode_on` for many machines.
    on_progress : callable
        Called with the clips done and their number; not when the cache answers.

    Raises
    ------
    ValueError
        Clips of another rate or length than the representation's.
    CacheUnwritable
        No room for a set too large for memory; the message says how much it takes.
    """
    check_match(source, representation)
    shape = (len(source), *representation.shape)
    path = features_path(source, representation)

    def blocks() -> Iterator[np.ndarray]:
        done = 0
        for features in encoder(source, representation):
            yield features
            done += len(features)
            if on_progress is not None:
                on_progress(done, len(source))

    features = _read_or_none(path, shape)
    if features is not None:
        return features
    try:
        with _alone(path):
            features = _read_or_none(path, shape)
            if features is None:
                write_features(path, shape, blocks())
                features = read_features(path, shape)
        return features
    except CacheUnwritable as error:
        if 4 * np.prod(shape, dtype=np.int64) > MOST_IN_MEMORY:
            raise
        logger.warning("features are not kept: %s", error)
        return np.concatenate(list(blocks()))


def read_features(path: Path, shape: tuple[int, ...]) -> np.memmap:
    """Map a cache file for reading.

    Raises
    ------
    FileNotFoundError
        There is none.
    CacheDamaged
        Its checksum or its shape is another.
    """
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size - SEAL_BYTES
        checksum, buffer = 0, memoryview(bytearray(PIECE))
        # Read, not mapped: mapped pages would count as this process's memory.
        while size > 0 and (read := file.readinto(buffer[: min(PIECE, size)])):
            checksum = zlib.crc32(buffer[:read], checksum)
            size -= read
        if size < 0 or file.read() != _seal(checksum):
            raise CacheDamaged(f"{path.name} is damaged: its checksum differs")
    try:
        features = np.load(path, mmap_mode="r", allow_pickle=False)
    except (ValueError, EOFError) as error:
        raise CacheDamaged(f"{path.name} is not a file of features: {error}") from error
    if features.shape != shape or features.dtype != np.float32:
        raise CacheDamaged(f"{path.name} holds {features.shape} {features.dtype}; expected {shape} float32")
    return features


def write_features(path: Path, shape: tuple[int, ...], blocks: Iterable[np.ndarray]) -> None:
    """Write blocks of features, one after the other; ``path`` appears when it is whole, or not at all.

    Raises
    ------
    CacheUnwritable
        The disk is full or the folder cannot be written.
    ValueError
        The blocks together are not of ``shape``.
    """
    needed = 4 * int(np.prod(shape, dtype=np.int64))
    with _as_unwritable(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(path.parent).free
        if free < needed:
            raise OSError(f"they take {needed / 1e9:.1f} GB, {free / 1e9:.1f} GB are free")
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=".partial")
    partial = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            checksum = _write_all(file, path, shape, blocks)
            with _as_unwritable(path):
                file.write(_seal(checksum))
                file.close()
                partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def forget(source: ClipSource) -> None:
    """Delete every file of features made from the clips of ``source``."""
    for path in (cache_dir() / "features").glob(f"{source.sha256[:16]}-*.npy"):
        path.unlink(missing_ok=True)


def read_rows(features: np.ndarray, rows: Sequence[int] | np.ndarray) -> np.ndarray:
    """``features[rows]``; a mapped file is read as a file, in constant memory.

    Touching a page of a map can bring a megabyte around it into the process: measured, 64 scattered clips
    of 32 kB took 65 MB. And where a map meets the end of a file that was cut, the process dies.

    Raises
    ------
    CacheDamaged
        The file was cut since it was mapped.
    """
    # A slice of a map keeps the name and the offset of the whole.
    if not isinstance(features, np.memmap) or not isinstance(features.base, mmap.mmap):
        return features[rows]
    taken = np.empty((len(rows), *features.shape[1:]), features.dtype)
    path = Path(features.filename)
    with path.open("rb", buffering=0) as file:
        for place, row in zip(taken, rows, strict=True):
            file.seek(features.offset + int(row) * place.nbytes)
            if file.readinto(place.data.cast("B")) != place.nbytes:
                raise CacheDamaged(f"{path.name} was cut while it was read; begin again")
    return taken


def _write_all(file: BinaryIO, path: Path, shape: tuple[int, ...], blocks: Iterable[np.ndarray]) -> int:
    """Write header and blocks; return their checksum."""
    header = _header(shape)
    with _as_unwritable(path):
        file.write(header)
    checksum, rows = zlib.crc32(header), 0
    for features in blocks:
        if features.shape[1:] != shape[1:]:
            raise ValueError(f"expected features of shape {shape[1:]} a clip; received {features.shape[1:]}")
        data = np.ascontiguousarray(features, np.float32).data.cast("B")
        checksum = zlib.crc32(data, checksum)
        rows += len(features)
        with _as_unwritable(path):
            file.write(data)
    if rows != shape[0]:
        raise ValueError(f"expected features of {shape[0]} clips; received {rows}")
    return checksum


def _header(shape: tuple[int, ...]) -> bytes:
    buffer = io.BytesIO()
    description = {"descr": np.lib.format.dtype_to_descr(np.dtype(np.float32)), "fortran_order": False}
    np.lib.format.write_array_header_1_0(buffer, description | {"shape": shape})
    return buffer.getvalue()


def _seal(checksum: int) -> bytes:
    return SEAL + f"{checksum:08x}".encode()


def _read_or_none(path: Path, shape: tuple[int, ...]) -> np.memmap | None:
    try:
        return read_features(path, shape)
    except CacheDamaged as error:
        logger.warning("%s; it is made again", error)
    except OSError:
        pass
    return None


@contextlib.contextmanager
def _as_unwritable(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise CacheUnwritable(
            f"the features cannot be kept in {path.parent}: {reason}; make room, or set COURSE_CACHE to "
            "another folder"
        ) from error


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold the file's lock, which the system drops when its holder dies; without one after long waiting.

    The lock saves work. Two writers without it (a file system that has no locks) do each other no harm.
    """
    lock = filelock.FileLock(path.with_name(f".{path.stem}.lock"), timeout=PATIENCE_SECONDS)
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(OSError, NotImplementedError):
            path.parent.mkdir(parents=True, exist_ok=True)
            stack.enter_context(lock)
            for leftover in path.parent.glob(f".{path.stem}-*.partial"):
                leftover.unlink(missing_ok=True)
        yield
