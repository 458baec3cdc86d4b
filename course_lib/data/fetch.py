"""Download a data set's release and hand it to the import that checks it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pooch
import requests

from course_lib.data import fsdd
from course_lib.data.errors import DatasetError

FSDD_URL = "https://github.com/Jakobovski/free-spoken-digit-dataset/archive/refs/tags/v1.0.10.tar.gz"
TIMEOUT_SECONDS = 30
MOST_BYTES = 100_000_000  # the release has 16 million
CHUNK_BYTES = 64 * 1024


class _Meter:
    """What pooch tells of a download's progress, passed on; ends one that is far too long."""

    def __init__(self, on_progress: Callable[[int, int], None] | None):
        self.on_progress = on_progress
        self.total = 0  # pooch sets it; 0 when the server does not say
        self.done = 0

    def update(self, size: int) -> None:
        self.done += size
        if max(self.done, self.total) > MOST_BYTES:
            raise DatasetError(f"the download exceeds {MOST_BYTES:,} bytes; that is no release of FSDD")
        if self.on_progress is not None:
            self.on_progress(min(self.done, self.total or self.done), self.total)

    def reset(self) -> None:
        self.done = 0

    def close(self) -> None:
        pass


def fetch_fsdd(
    *,
    url: str = FSDD_URL,
    expected: Mapping[str, str] | None = None,
    target: Path | None = None,
    on_download: Callable[[int, int], None] | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> fsdd.Imported:
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
        No connection, an answer other than 200, a download cut short, or an archive that is refused.
    """
    expected = fsdd.hashes() if expected is None else expected
    folder = fsdd.folder() if target is None else Path(target)
    if fsdd.is_complete(folder, expected):
        return fsdd.Imported(folder, len(expected), 0, already=True)
    # It would print where it keeps the archive, which is gone a moment later.
    pooch.get_logger().setLevel("WARNING")
    with tempfile.TemporaryDirectory(prefix="latent-sound-") as scratch:
        archive = _download(url, Path(scratch), _Meter(on_download))
        return fsdd.import_recordings(archive, expected=expected, target=folder, on_progress=on_progress)


def _download(url: str, scratch: Path, meter: _Meter) -> Path:
    downloader = pooch.HTTPDownloader(progressbar=meter, chunk_size=CHUNK_BYTES, timeout=TIMEOUT_SECONDS)
    by_hand = "bring the archive over by hand and run 'course data import fsdd ARCHIVE'"
    try:
        return Path(
            pooch.retrieve(url, known_hash=None, fname="fsdd-archive", path=scratch, downloader=downloader)
        )
    except requests.HTTPError as error:
        raise DatasetError(f"{url} answered {error.response.status_code}; {by_hand}") from error
    except requests.exceptions.ChunkedEncodingError as error:
        raise DatasetError(f"the download of {url} was cut short; try again, or {by_hand}") from error
    except (requests.Timeout, requests.ConnectionError) as error:
        raise DatasetError(f"cannot reach {url}; without a network, {by_hand}") from error
    except (requests.RequestException, ValueError) as error:
        if isinstance(error, DatasetError):
            raise
        raise DatasetError(f"cannot download {url!r}: {error}; {by_hand}") from error
