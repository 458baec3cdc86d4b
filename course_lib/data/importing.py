"""Bring a published data set into the cache: every recording is decoded once, listed and hashed."""

from __future__ import annotations

import hashlib
import io
import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath

import numpy as np
import soundfile

from course_lib.audio.containers import shortfall
from course_lib.data.archive import archive_files, is_archive
from course_lib.data.errors import DatasetError
from course_lib.data.index import Recording, write_index
from course_lib.data.keep import Imported, alone, new_folder
from course_lib.data.published_dataset import PublishedDataset

AUDIO_SUFFIXES = (".wav", ".flac", ".ogg", ".mp3", ".aif", ".aiff", ".opus")
# The same limit as course_lib.data.clips.prepare's: nothing to hear.
SILENT_PEAK = 1e-6


def present(dataset: PublishedDataset) -> Imported:
    """What an import answers when the data set is here already."""
    return Imported(dataset.folder(), dataset.clips, 0, already=True)


def import_published(
    dataset: PublishedDataset,
    source: Path,
    *,
    expected: int | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> Imported:
    """Read a release, an archive or the folder it was unpacked to, and keep all of it or nothing.

    Every recording is decoded: one that is cut short or no sound ends the import, one without any sound in it
    is left out and named. What is kept is listed with its SHA-256, so that later loads notice every change.

    Parameters
    ----------
    source : Path
        Folder, at any depth, or archive (.zip, .tar.gz).
    expected : int, optional
        Recordings that a whole release has; by default what the publishers state.
    on_progress : callable, optional
        Called with (recordings read, recordings expected).

    Raises
    ------
    FileNotFoundError
        No such path.
    DatasetError
        Not this data set, not all of it, damaged recordings, or an archive with members that do not belong in
        one.
    """
    source = Path(source).expanduser()
    expected = dataset.published_clips if expected is None else expected
    with alone(dataset.folder(), seconds=24 * 3600):
        if dataset.installed:
            return present(dataset)
        if not source.exists():
            raise FileNotFoundError(f"nothing at {source}; expected a folder or archive of {dataset.title}")
        with new_folder(dataset.folder()) as new:
            facts, ignored = _copy(dataset, source, new, expected, on_progress)
            listed, left_out = _list(dataset, source, new, facts, expected)
            write_index(new, listed)
        return Imported(dataset.folder(), len(listed), ignored, left_out=left_out)


def _copy(
    dataset: PublishedDataset, source: Path, new: Path, expected: int, on_progress
) -> tuple[dict[str, dict], int]:
    """Copy every file that belongs to the release; returns what each is, and how many others there are."""
    facts: dict[str, dict] = {}
    recordings = 0
    others: list[PurePosixPath] = []
    for inner, data in release_files(source, dataset, others):
        name = dataset.layout.keep(inner)
        if name in facts:
            raise DatasetError(f"{source.name} holds {name} twice; give one release, unchanged")
        path = new / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        facts[name] = {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        if path.suffix.lower() in AUDIO_SUFFIXES:
            facts[name] |= examine(data)
            recordings += 1
            if on_progress is not None:
                on_progress(recordings, max(expected, recordings))
    return facts, len(others)


def _list(
    dataset: PublishedDataset, source: Path, new: Path, facts: dict[str, dict], expected: int
) -> tuple[list[Recording], dict[str, str]]:
    """The recordings in order of their files, and which of them are left out and why."""
    listed = dataset.layout.recordings(new, facts.keys())
    if not listed:
        raise DatasetError(f"{source.name} holds nothing of {dataset.title}; {dataset.remedy}")
    damaged = {r.file: facts[r.file]["wrong"] for r in listed if facts[r.file].get("wrong")}
    if damaged:
        first = ", ".join(f"{name} ({why})" for name, why in sorted(damaged.items())[:3])
        raise DatasetError(
            f"{source.name} holds {len(damaged):,} damaged recordings, such as {first}; nothing was kept: "
            "download the release again"
        )
    if len(listed) < expected:
        raise DatasetError(
            f"{source.name} holds {len(listed):,} of the {expected:,} recordings of {dataset.title}; nothing "
            "was kept: give the whole release"
        )
    left_out = {r.file: "silent" for r in listed if facts[r.file]["peak"] < SILENT_PEAK}
    for name in left_out:
        (new / name).unlink()
    keys = ("samples", "sr", "size", "sha256")
    kept = [replace(r, **{key: facts[r.file][key] for key in keys}) for r in listed if r.file not in left_out]
    return sorted(kept, key=lambda recording: recording.file), left_out


def examine(data: bytes) -> dict:
    """Length, rate and peak of a recording, or what is ``wrong`` with it."""
    if missing := shortfall(io.BytesIO(data), len(data)):
        return {"wrong": f"cut short: {missing}"}
    try:
        y, sr = soundfile.read(io.BytesIO(data), dtype="float32", always_2d=True)
    except (soundfile.SoundFileError, ValueError, TypeError):
        return {"wrong": "no sound that can be decoded"}
    if not y.size:
        return {"wrong": "no samples"}
    if not np.isfinite(y).all():
        return {"wrong": "NaN or infinite samples"}
    y = y.mean(axis=1)
    return {"samples": len(y), "sr": int(sr), "peak": float(np.abs(y - y.mean(dtype=np.float64)).max())}


def release_files(
    source: Path, dataset: PublishedDataset, others: list[PurePosixPath]
) -> Iterator[tuple[PurePosixPath, bytes]]:
    """(path inside, bytes) of each file of an archive or folder that the layout keeps.

    Sounds that it does not keep are not read; they are added to ``others``.
    """

    def wanted(inner: PurePosixPath) -> bool:
        if dataset.layout.keep(inner) is not None:
            return True
        if inner.suffix.lower() in AUDIO_SUFFIXES:
            others.append(inner)
        return False

    if source.is_dir():
        yield from _folder_files(source, wanted, dataset)
    elif is_archive(source):
        yield from archive_files(source, wanted, limits=dataset.limits)
    else:
        raise DatasetError(
            f"{source.name} is neither a folder nor a .zip or .tar.gz archive that can be read "
            "(a half download looks like this too); download it again"
        )


def _folder_files(source: Path, wanted, dataset: PublishedDataset) -> Iterator[tuple[PurePosixPath, bytes]]:
    counts: Counter[str] = Counter()
    # Links are not followed: a folder may point back to itself, or out of the release.
    for root, folders, files in os.walk(source):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            path = Path(root) / name
            inner = PurePosixPath(path.relative_to(source).as_posix())
            counts["files"] += 1
            if counts["files"] > dataset.limits.members:
                raise DatasetError(
                    f"{source} holds more than {dataset.limits.members:,} files; give the release alone"
                )
            if name.startswith(".") or path.is_symlink() or not wanted(inner):
                continue
            size = path.stat().st_size
            counts["bytes"] += size
            if size > dataset.limits.largest or counts["bytes"] > dataset.limits.total:
                raise DatasetError(
                    f"{path} is larger than anything in {dataset.title}; give the release alone"
                )
            yield inner, path.read_bytes()
