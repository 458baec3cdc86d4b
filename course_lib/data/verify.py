"""Compare the recordings on disk with the hashes that the project commits."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence

from course_lib.data.dataset import Dataset
from course_lib.data.errors import DatasetError
from course_lib.data.generated_dataset import GeneratedDataset
from course_lib.data.published_dataset import PublishedDataset


def read_checked(dataset: Dataset, names: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """Yield (name, bytes) of each recording; raises DatasetError at the first missing or changed one."""
    folder, hashes = dataset.require(), dataset.hashes()
    for name in names:
        try:
            data = (folder / name).read_bytes()
        except FileNotFoundError as error:
            raise DatasetError(f"{dataset.name} lacks {name}: {dataset.remedy}") from error
        if hashlib.sha256(data).hexdigest() != hashes[name]:
            raise DatasetError(f"{dataset.name}: {name} has changed (its SHA-256 differs): {dataset.remedy}")
        yield name, data


def verify(
    dataset: Dataset, *, thorough: bool = True, on_progress: Callable[[int, int], None] | None = None
) -> int:
    """Check every recording's hash and return how many there are.

    Parameters
    ----------
    thorough : bool
        False compares only sizes, for sets of gigabytes that were listed when they were imported.
    on_progress : callable, optional
        Called with (recordings checked, recordings in all).

    Raises
    ------
    DatasetMissing
        Not on this machine.
    DatasetError
        Names every kind of damage at once: missing and changed files.
    """
    if isinstance(dataset, GeneratedDataset):
        # Made from its recipe: there is no file that could have changed.
        return dataset.clips
    if not thorough and isinstance(dataset, PublishedDataset):
        return _verify_sizes(dataset)
    folder, hashes = dataset.require(), dataset.hashes()
    missing, changed = [], []
    for done, (name, digest) in enumerate(sorted(hashes.items()), start=1):
        try:
            if hashlib.sha256((folder / name).read_bytes()).hexdigest() != digest:
                changed.append(name)
        except FileNotFoundError:
            missing.append(name)
        if on_progress is not None:
            on_progress(done, len(hashes))
    if missing or changed:
        raise DatasetError(f"{dataset.name}: {damage(missing, changed)}; {dataset.remedy}")
    return len(hashes)


def _verify_sizes(dataset: PublishedDataset) -> int:
    folder, missing, changed = dataset.require(), [], []
    for recording in dataset.recordings:
        try:
            if (folder / recording.file).stat().st_size != recording.size:
                changed.append(recording.file)
        except FileNotFoundError:
            missing.append(recording.file)
    if missing or changed:
        raise DatasetError(f"{dataset.name}: {damage(missing, changed)}; {dataset.remedy}")
    return len(dataset.recordings)


def damage(missing: Sequence[str], changed: Sequence[str]) -> str:
    """Missing and changed files in words, the first five of each by name."""
    parts = []
    for names, what in ((missing, "missing"), (changed, "changed (SHA-256 differs)")):
        if names:
            listed = ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")
            parts.append(f"{len(names)} {'file' if len(names) == 1 else 'files'} {what}: {listed}")
    return "; ".join(parts)
