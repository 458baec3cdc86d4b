"""The Free Spoken Digit Dataset: real recordings of six speakers, imported against committed hashes."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from filelock import FileLock, Timeout

from course_lib.data.archive import archive_files, is_archive
from course_lib.data.dataset import Dataset, parse_name
from course_lib.data.errors import DatasetError
from course_lib.data.hashes import read_hash_list
from course_lib.data.verify import damage
from course_lib.paths import cache_dir, datasets_dir

REMEDY = (
    "run 'course data import fsdd PATH' on a folder or archive of its recordings, or 'course data fetch fsdd'"
)
LARGEST_FILE = 1_000_000  # bytes; the longest recording has 36,568
LOCK_SECONDS = 600


def folder() -> Path:
    """Where imported recordings are kept."""
    return cache_dir() / "fsdd"


@cache
def _committed_hashes() -> Mapping[str, str]:
    return read_hash_list(datasets_dir() / "fsdd.sha256")


def hashes() -> dict[str, str]:
    """{file name: SHA-256} of the 3,000 recordings of release 1.0.10."""
    return dict(_committed_hashes())


DATASET = Dataset(
    name="fsdd",
    title="Free Spoken Digit Dataset",
    description="Ten digits in English by six speakers, 50 takes each; 8 kHz, recorded at home.",
    licence="CC BY-SA 4.0",
    licence_url="https://creativecommons.org/licenses/by-sa/4.0/",
    url="https://github.com/Jakobovski/free-spoken-digit-dataset",
    citation=(
        "Zohar Jackson, César Souza, Jason Flaks, Yuxin Pan, Hereman Nicolas and Adhish Thite (2018). "
        "Jakobovski/free-spoken-digit-dataset: v1.0.8. Zenodo. https://doi.org/10.5281/zenodo.1342401"
    ),
    seconds=1312.303,
    bundled=False,
    folder=folder,
    hashes=hashes,
    card=datasets_dir() / "cards" / "fsdd.md",
    remedy=REMEDY,
)


@dataclass(frozen=True)
class Imported:
    """What an import did: ``files`` checked and kept in ``folder``, ``ignored`` files beside them."""

    folder: Path
    files: int
    ignored: int
    already: bool = False


def import_recordings(
    source: Path,
    *,
    expected: Mapping[str, str] | None = None,
    target: Path | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> Imported:
    """Check every recording in ``source`` by its hash and keep them all, or keep nothing.

    Parameters
    ----------
    source : Path
        A folder of recordings, a folder that holds ``recordings/``, or an archive of either (.zip, .tar.gz).
    expected : mapping, optional
        {file name: SHA-256}; by default the committed list.
    target : Path, optional
        Folder to keep them in; by default in the course's cache.
    on_progress : callable, optional
        Called with (files checked, files expected).

    Raises
    ------
    FileNotFoundError
        No such path.
    DatasetError
        Not a folder or archive of recordings, an older release, missing or changed files, or an archive
        with members that do not belong in one. Nothing is kept then.
    """
    source = Path(source).expanduser()
    if not source.exists():
        raise FileNotFoundError(f"nothing at {source}; expected a folder or archive of FSDD recordings")
    expected = dict(hashes() if expected is None else expected)
    target = folder() if target is None else Path(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    with _alone(target):
        return _import_locked(source, expected, target, on_progress)


@contextmanager
def _alone(target: Path) -> Iterator[None]:
    """Only one process at a time changes ``target``; the lock ends with the process that holds it."""
    try:
        with FileLock(target.with_name(f".{target.name}.lock")).acquire(timeout=LOCK_SECONDS):
            yield
    except Timeout as error:
        raise DatasetError(
            f"another import into {target} has been running for {LOCK_SECONDS} s; wait for it or end it"
        ) from error


def is_complete(target: Path, expected: Mapping[str, str]) -> bool:
    """Whether ``target`` holds every expected file with its hash."""
    try:
        return all(hashlib.sha256((target / n).read_bytes()).hexdigest() == h for n, h in expected.items())
    except OSError:
        return False


def _import_locked(source: Path, expected: dict[str, str], target: Path, on_progress) -> Imported:
    # Holding the lock, any folder of this form is left over from an import that was killed.
    for stale in target.parent.glob(f".{target.name}-*.partial"):
        shutil.rmtree(stale, ignore_errors=True)
    partial = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}-", suffix=".partial"))
    try:
        new = partial / "new"
        new.mkdir()
        ignored = _copy_checked(source, expected, new, on_progress)
        already = is_complete(target, expected)
        if not already:
            if target.exists():
                target.rename(partial / "old")
            new.rename(target)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return Imported(target, len(expected), ignored, already)


def _copy_checked(source: Path, expected: dict[str, str], new: Path, on_progress) -> int:
    """Copy every expected file whose hash is right into ``new``; returns how many others were seen."""
    seen: set[str] = set()
    changed: list[str] = []
    ignored = 0
    for name, data in _files(source):
        if name not in expected:
            ignored += 1
            continue
        if name in seen:
            raise DatasetError(f"{source.name} holds {name} twice; give one release, unchanged")
        seen.add(name)
        if hashlib.sha256(data).hexdigest() == expected[name]:
            (new / name).write_bytes(data)
        else:
            changed.append(name)
        if on_progress is not None:
            on_progress(len(seen), len(expected))
    _refuse_incomplete(source, expected, seen, sorted(changed))
    return ignored


def _refuse_incomplete(source: Path, expected: dict[str, str], seen: set[str], changed: list[str]) -> None:
    missing = sorted(set(expected) - seen)
    if not missing and not changed:
        return
    if not seen:
        raise DatasetError(
            f"{source.name} holds no FSDD recording; expected files named like 7_jackson_32.wav, "
            "or a folder 'recordings' of them"
        )
    absent = sorted({parse_name(n)[1] for n in expected} - {parse_name(n)[1] for n in seen})
    whole_speakers = [n for n in expected if parse_name(n)[1] in absent]
    if absent and len(missing) == len(whole_speakers):
        # lucas came last, in August 2020, with release 1.0.10.
        release = "release 1.0.9" if absent == ["lucas"] else "an older release than 1.0.10"
        raise DatasetError(
            f"{source.name} is {release} of FSDD: {len(seen):,} of {len(expected):,} recordings, without "
            f"{' and '.join(absent)}; nothing was kept; get release 1.0.10 or later from "
            f"{DATASET.url}/releases, or run 'course data fetch fsdd'"
        )
    raise DatasetError(
        f"{source.name}: {damage(missing, changed)}; nothing was kept: download the release again"
    )


def _files(source: Path) -> Iterator[tuple[str, bytes]]:
    """(name, bytes) of each candidate file of a folder or an archive."""
    if source.is_dir():
        # As GitHub's archives unpack: one folder named for the release, "recordings" inside it.
        inner = [path for path in (source / "recordings", *source.glob("*/recordings")) if path.is_dir()]
        for path in sorted((inner[0] if inner else source).iterdir()):
            if path.suffix == ".wav" and path.is_file():
                if path.stat().st_size > LARGEST_FILE:
                    raise DatasetError(f"{path.name} has {path.stat().st_size:,} bytes: no FSDD recording")
                yield path.name, path.read_bytes()
    elif is_archive(source):
        yield from archive_files(source, suffix=".wav", largest=LARGEST_FILE)
    else:
        raise DatasetError(
            f"{source.name} is neither a folder nor a .zip or .tar.gz archive that can be read "
            "(a half download looks like this too); download it again"
        )


def remove(*, target: Path | None = None) -> bool:
    """Delete the imported recordings; whether there were any."""
    target = folder() if target is None else Path(target)
    if not target.exists():
        return False
    with _alone(target):
        # Out of sight first: a removal that is interrupted leaves no half data set.
        doomed = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}-", suffix=".partial"))
        target.rename(doomed / "old")
        shutil.rmtree(doomed)
    return True
