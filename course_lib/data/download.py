"""Download one file: resumed where the server allows it, checked, and by one process at a time."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import requests
import urllib3
from filelock import FileLock

from course_lib.data.errors import DatasetError
from course_lib.data.hashes import sha256_of
from course_lib.data.keep import explain_full_disk
from course_lib.data.release import Release

TIMEOUT_SECONDS = 30
CHUNK_BYTES = 256 * 1024
# Waits before another try, in seconds, when a server stumbles or a line breaks.
RETRY_WAITS = (1.0, 4.0, 10.0)
# A server that sends less than this many bytes within this time might as well be gone.
STALL_SECONDS, STALL_BYTES = 60.0, 20_000
PASSING = (408, 425, 429, 500, 502, 503, 504)


class _Broken(Exception):
    """The line broke or the server stumbled: worth another try."""


def download(
    release: Release,
    folder: Path,
    *,
    needed: int = 0,
    on_progress: Callable[[int, int], None] | None = None,
) -> Path:
    """Bring a file into ``folder`` and return its path there.

    A download that breaks off is tried again from where it stopped, now or when this is called the next time,
    if the server supports ranges and says which version of the file it has; else it begins anew, and nothing
    is left of it. Call it inside :func:`one_at_a_time`.

    Parameters
    ----------
    folder : Path
        Made if need be.
    needed : int
        Bytes of disk that unpacking will take besides.
    on_progress : callable, optional
        Called with (bytes read, bytes in all, 0 if unknown).

    Raises
    ------
    DatasetError
        No connection, an answer that is no file, a file of another length or hash than the published one, a
        server too slow to be of use, a full disk. The message says what to do.
    """
    return _Download(release, place_of(release, folder), needed, on_progress).run()


def place_of(release: Release, folder: Path) -> Path:
    """Where in ``folder`` a download is kept."""
    return folder / hashlib.sha256(release.url.encode()).hexdigest()[:16]


@contextmanager
def one_at_a_time(release: Release, folder: Path) -> Iterator[None]:
    """Whoever else wants this file waits: look again inside the block whether it is still needed."""
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(place_of(release, folder).with_suffix(".lock")):
        yield


@contextmanager
def fetched(release: Release, folder: Path, **options) -> Iterator[Path]:
    """As :func:`download`; the file is deleted when the block ends, unless a person interrupts it."""
    path = download(release, folder, **options)
    try:
        yield path
    except KeyboardInterrupt:
        raise
    except BaseException:
        discard(path)
        raise
    else:
        discard(path)


def discard(path: Path) -> None:
    """Delete a download and what is known of it."""
    for suffix in ("", ".part", ".json"):
        path.with_suffix(suffix).unlink(missing_ok=True)


class _Download:
    """One file on its way."""

    def __init__(self, release: Release, path: Path, needed: int, on_progress):
        self.release = release
        self.path = path
        self.part = path.with_suffix(".part")
        self.notes = path.with_suffix(".json")
        self.needed = needed
        self.on_progress = on_progress or (lambda done, total: None)
        self.resumed = False

    def run(self) -> Path:
        release = self.release
        if self.path.exists():
            if release.sha256 and sha256_of(self.path) != release.sha256:
                discard(self.path)
            else:
                return self.path
        self._check_disk()
        for wait in (*RETRY_WAITS, None):
            try:
                self._once()
                return self._finish()
            except _Broken as error:
                if wait is None:
                    raise DatasetError(f"{error}; try again, or {release.by_hand}") from error
                time.sleep(wait)
            except OSError as error:
                if isinstance(error, requests.RequestException):
                    raise
                # Half a file on a full disk helps nobody.
                discard(self.path)
                raise explain_full_disk(error, self.path) from error
        raise AssertionError("unreachable")

    def _check_disk(self) -> None:
        held = self.part.stat().st_size if self.part.exists() else 0
        needed = max(0, self.release.size - held) + self.needed
        free = shutil.disk_usage(self.path.parent).free
        if needed > free:
            raise DatasetError(
                f"{needed / 1e9:.1f} GB of disk are needed and {free / 1e9:.1f} GB are free in "
                f"{self.path.parent}; make room, or let COURSE_CACHE name a folder on a larger disk"
            )

    def _once(self) -> None:
        """One request, written to the part file as far as it goes."""
        release, headers = self.release, {"Accept-Encoding": "identity", "User-Agent": "latent-sound-course"}
        version, offset = self._version(), 0
        if version and self.part.exists():
            offset = self.part.stat().st_size
            headers |= {"Range": f"bytes={offset}-", "If-Range": version}
        try:
            with requests.get(release.url, headers=headers, stream=True, timeout=TIMEOUT_SECONDS) as response:
                self._receive(response, offset)
        except (requests.exceptions.ChunkedEncodingError, urllib3.exceptions.HTTPError) as error:
            raise self._cut(error) from error
        except (requests.Timeout, requests.ConnectionError) as error:
            if self.part.exists():
                raise self._cut(error) from error
            raise DatasetError(f"cannot reach {release.url}; without a network, {release.by_hand}") from error
        except requests.RequestException as error:
            raise DatasetError(f"cannot download {release.url!r}: {error}; {release.by_hand}") from error
        except ValueError as error:
            if isinstance(error, DatasetError):
                raise
            raise DatasetError(f"cannot download {release.url!r}: {error}; {release.by_hand}") from error

    def _cut(self, error: Exception) -> _Broken:
        if not self._version():
            self.part.unlink(missing_ok=True)
        what = "is too slow" if isinstance(error, urllib3.exceptions.ReadTimeoutError) else "was cut short"
        return _Broken(f"the download of {self.release.url} {what}")

    def _version(self) -> str:
        """What names the version of the file on the server, as noted by an earlier request; may be empty."""
        try:
            notes = json.loads(self.notes.read_text(encoding="utf-8"))
            return str(notes["version"]) if notes["url"] == self.release.url else ""
        except (OSError, ValueError, KeyError, TypeError):
            return ""

    def _receive(self, response: requests.Response, offset: int) -> None:
        status = response.status_code
        if status == 416:
            # The part is as long as the file, or longer: begin anew unless it is the whole of it.
            if self.release.size != offset:
                discard(self.path)
                raise _Broken(f"{self.release.url} has changed")
            return
        if status in PASSING:
            raise _Broken(f"{self.release.url} answered {status}")
        if status not in (200, 206):
            discard(self.path)
            raise DatasetError(f"{self.release.url} answered {status}; {self.release.by_hand}")
        if status == 206 and not response.headers.get("Content-Range", "").startswith(f"bytes {offset}-"):
            discard(self.path)
            raise _Broken(f"{self.release.url} sent another part than was asked for")
        offset = offset if status == 206 else 0
        self.resumed = offset > 0
        stated = response.headers.get("Content-Length", "")
        total = offset + int(stated) if stated.isdecimal() else 0
        self._check_length(total)
        self._note(response)
        done = offset
        with self.part.open("ab" if offset else "wb") as file:
            mark, mark_done = time.monotonic(), done
            for chunk in response.raw.stream(CHUNK_BYTES, decode_content=False):
                file.write(chunk)
                done += len(chunk)
                if done > self.release.most_bytes:
                    file.close()
                    discard(self.path)
                    raise DatasetError(
                        f"the download exceeds {self.release.most_bytes:,} bytes; that is no release of this "
                        "data set"
                    )
                self.on_progress(done, total)
                if time.monotonic() - mark > STALL_SECONDS:
                    if done - mark_done < STALL_BYTES:
                        raise _Broken(f"the download of {self.release.url} is too slow")
                    mark, mark_done = time.monotonic(), done
        if total and done < total:
            raise self._cut(EOFError())

    def _check_length(self, total: int) -> None:
        size = self.release.size
        if total > self.release.most_bytes or (size and total and total != size):
            discard(self.path)
            expected = f"{size:,}" if size else f"at most {self.release.most_bytes:,}"
            raise DatasetError(
                f"{self.release.url} offers {total:,} bytes and the published file has {expected}; "
                f"{self.release.by_hand}"
            )

    def _note(self, response: requests.Response) -> None:
        """Remember which version of the file this is; without that a part cannot be continued safely."""
        etag = response.headers.get("ETag", "")
        version = etag if etag and not etag.startswith("W/") else response.headers.get("Last-Modified", "")
        ranges = response.status_code == 206 or response.headers.get("Accept-Ranges", "").lower() == "bytes"
        if version and ranges:
            self.notes.write_text(json.dumps({"url": self.release.url, "version": version}), encoding="utf-8")
        else:
            self.notes.unlink(missing_ok=True)

    def _finish(self) -> Path:
        release = self.release
        size = self.part.stat().st_size
        if release.size and size != release.size:
            discard(self.path)
            raise _Broken(f"{release.url} sent {size:,} of {release.size:,} bytes")
        if release.sha256 and (found := sha256_of(self.part)) != release.sha256:
            discard(self.path)
            if self.resumed:
                # What an earlier call left may have been damaged since: once more, from the beginning.
                raise _Broken(f"what was kept of {release.url} was damaged")
            raise DatasetError(
                f"{release.url} is not the published file: its SHA-256 is {found[:16]}..., expected "
                f"{release.sha256[:16]}...; {release.by_hand}"
            )
        self.part.replace(self.path)
        self.notes.unlink(missing_ok=True)
        return self.path
