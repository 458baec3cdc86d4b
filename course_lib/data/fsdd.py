"""The Free Spoken Digit Dataset: real recordings of six speakers, imported against committed hashes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path

from course_lib.data.archive import Limits, archive_files, is_archive
from course_lib.data.dataset import Dataset, parse_name
from course_lib.data.errors import DatasetError
from course_lib.data.hashes import read_hash_list
from course_lib.data.keep import Imported, alone, new_folder, remove_folder
from course_lib.data.release import Release
from course_lib.data.verify import damage
from course_lib.paths import cache_dir, datasets_dir

REMEDY = (
    "run 'course data import fsdd PATH' on a folder or archive of its recordings, or 'course data fetch fsdd'"
)
LARGEST_FILE = 1_000_000  # bytes; the longest recording has 36,568


def folder() -> Path:
    """Where imported recordings are kept."""
    return cache_dir() / "fsdd"


@cache
def _committed_hashes() -> Mapping[str, str]:
    return read_hash_list(datasets_dir() / "fsdd.sha256")


def hashes() -> dict[str, str]:
    """{file name: SHA-256} of the 3,000 recordings of release 1.0.10."""
    return dict(_committed_hashes())


# GitHub packs its archives anew and their bytes change: the recordings inside are hashed, not the archive.
RELEASE = Release(
    url="https://github.com/Jakobovski/free-spoken-digit-dataset/archive/refs/tags/v1.0.10.tar.gz",
    most_bytes=100_000_000,
    by_hand="bring the archive over by hand and run 'course data import fsdd ARCHIVE'",
)
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
    release=RELEASE,
    disk_bytes=21_200_000,
)


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
    with alone(target):
        if is_complete(target, expected):
            # Read it all the same: the caller is told whether the source is what it should be.
            ignored = _copy_checked(source, expected, None, on_progress)
            return Imported(target, len(expected), ignored, already=True)
        with new_folder(target) as new:
            ignored = _copy_checked(source, expected, new, on_progress)
        return Imported(target, len(expected), ignored)


def is_complete(target: Path, expected: Mapping[str, str]) -> bool:
    """Whether ``target`` holds every expected file with its hash."""
    try:
        return all(hashlib.sha256((target / n).read_bytes()).hexdigest() == h for n, h in expected.items())
    except OSError:
        return False


def _copy_checked(source: Path, expected: dict[str, str], new: Path | None, on_progress) -> int:
    """Copy every expected file whose hash is right into ``new``, if any; returns how many others it saw."""
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
        if hashlib.sha256(data).hexdigest() != expected[name]:
            changed.append(name)
        elif new is not None:
            (new / name).write_bytes(data)
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
        limits = Limits(largest=LARGEST_FILE)
        for inner, data in archive_files(source, lambda path: path.suffix == ".wav", limits=limits):
            yield inner.name, data
    else:
        raise DatasetError(
            f"{source.name} is neither a folder nor a .zip or .tar.gz archive that can be read "
            "(a half download looks like this too); download it again"
        )


def remove(*, target: Path | None = None) -> bool:
    """Delete the imported recordings; whether there were any."""
    return remove_folder(folder() if target is None else Path(target))
