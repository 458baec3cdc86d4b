"""Download a data set's release and hand it to the import that checks it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from course_lib.data import fsdd
from course_lib.data.download import fetched, one_at_a_time
from course_lib.data.keep import Imported
from course_lib.data.published_dataset import PublishedDataset
from course_lib.paths import cache_dir


def downloads_dir() -> Path:
    """Where downloads are until they are imported."""
    return cache_dir() / "downloads"


def fetch_fsdd(
    *,
    url: str = "",
    expected: Mapping[str, str] | None = None,
    target: Path | None = None,
    on_download: Callable[[int, int], None] | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> Imported:
    """Download FSDD's release and import it (see :func:`course_lib.data.fsdd.import_recordings`).

    GitHub makes its archives anew and their bytes change: the recordings inside are hashed, not the archive.

    Parameters
    ----------
    url : str
        Another place for the same archive, such as a mirror in the classroom.
    on_download : callable, optional
        Called with (bytes read, bytes in all, 0 if unknown).
    on_progress : callable, optional
        Called with (files checked, files expected).

    Raises
    ------
    DatasetError
        As :func:`course_lib.data.download.download`, or an archive that is refused.
    """
    expected = fsdd.hashes() if expected is None else expected
    folder = fsdd.folder() if target is None else Path(target)
    if fsdd.is_complete(folder, expected):
        return Imported(folder, len(expected), 0, already=True)
    release = replace(fsdd.RELEASE, url=url or fsdd.RELEASE.url)
    with one_at_a_time(release, downloads_dir()):
        if fsdd.is_complete(folder, expected):
            return Imported(folder, len(expected), 0, already=True)
        with fetched(release, downloads_dir(), on_progress=on_download) as archive:
            return fsdd.import_recordings(archive, expected=expected, target=folder, on_progress=on_progress)


def fetch(
    dataset: PublishedDataset,
    *,
    url: str = "",
    on_download: Callable[[int, int], None] | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> Imported:
    """Download a published data set and import it (see :func:`course_lib.data.importing.import_published`).

    Parameters and errors are those of :func:`fetch_fsdd`.
    """
    from course_lib.data.importing import import_published, present

    if dataset.installed:
        return present(dataset)
    release = replace(dataset.release, url=url or dataset.release.url)
    with one_at_a_time(release, downloads_dir()):
        if dataset.installed:
            return present(dataset)
        with fetched(release, downloads_dir(), needed=dataset.disk_bytes, on_progress=on_download) as archive:
            return import_published(dataset, archive, on_progress=on_progress)
