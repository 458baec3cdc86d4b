"""Read the files of an archive from a stranger, without unpacking anything to where it says."""

from __future__ import annotations

import gzip
import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from course_lib.data.errors import DatasetError

MOST_MEMBERS = 20_000
MOST_BYTES = 200_000_000  # unpacked; FSDD has 21 million
# What broken archives raise, depending on where they are broken.
BROKEN = (
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    gzip.BadGzipFile,
    NotImplementedError,
)


def is_archive(path: Path) -> bool:
    """Whether the first bytes say zip, gzip or tar; says nothing of the rest."""
    if zipfile.is_zipfile(path):
        return True
    with path.open("rb") as file:
        head = file.read(265)
    return head[:2] == b"\x1f\x8b" or head[:4] == b"PK\x03\x04" or head[257:262] == b"ustar"


def archive_files(path: Path, *, suffix: str, largest: int) -> Iterator[tuple[str, bytes]]:
    """Yield (base name, bytes) of each regular file that ends in ``suffix``.

    Parameters
    ----------
    suffix : str
        Such as ``.wav``; other files are passed over.
    largest : int
        Most bytes of one file.

    Raises
    ------
    DatasetError
        Broken or cut short; a member with an absolute or climbing path; a link or a device; too many
        members or bytes. Member names are never used as paths, so nothing can be written outside.
    """
    try:
        if zipfile.is_zipfile(path):
            yield from _zip_files(path, suffix, largest)
        else:
            yield from _tar_files(path, suffix, largest)
    except BROKEN as error:
        raise DatasetError(
            f"{path.name} is damaged or only half downloaded ({error}); download it again"
        ) from error


def _check_member(path: Path, count: int, name: str, total: int) -> PurePosixPath:
    """The member's path, after the checks that both kinds share."""
    inner = PurePosixPath(name.replace("\\", "/"))
    if inner.is_absolute() or ".." in inner.parts or ":" in (inner.parts[0] if inner.parts else ""):
        raise DatasetError(f"{path.name} holds a member that points outside it, {name!r}; refused")
    if count > MOST_MEMBERS:
        raise DatasetError(f"{path.name} holds more than {MOST_MEMBERS:,} members; refused: no FSDD archive")
    if total > MOST_BYTES:
        raise DatasetError(f"{path.name} unpacks to more than {MOST_BYTES:,} bytes; refused: no FSDD archive")
    return inner


def _zip_files(path: Path, suffix: str, largest: int) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(path) as archive:
        total = 0
        for count, member in enumerate(archive.infolist(), start=1):
            total += member.file_size
            inner = _check_member(path, count, member.filename, total)
            kind = (member.external_attr >> 16) & 0o170000
            if kind not in (0, 0o100000, 0o040000):
                raise DatasetError(f"{path.name} holds a link or special file, {member.filename!r}; refused")
            if member.flag_bits & 1:
                raise DatasetError(f"{path.name} is encrypted; expected the release as it was published")
            if member.is_dir() or not _wanted(inner, suffix):
                continue
            with archive.open(member) as file:
                yield inner.name, _read_at_most(path, file, member.filename, largest)


def _tar_files(path: Path, suffix: str, largest: int) -> Iterator[tuple[str, bytes]]:
    # Streaming through a counter: the sizes that a compressed archive states are not believed.
    with path.open("rb") as raw:
        compressed = raw.peek(2)[:2] == b"\x1f\x8b"
        counted = _Counted(path, gzip.GzipFile(fileobj=raw) if compressed else raw)
        with tarfile.open(fileobj=counted, mode="r|") as archive:
            for count, member in enumerate(archive, start=1):
                inner = _check_member(path, count, member.name, counted.total)
                if not (member.isfile() or member.isdir()):
                    raise DatasetError(f"{path.name} holds a link or special file, {member.name!r}; refused")
                if member.isdir() or not _wanted(inner, suffix):
                    continue
                yield inner.name, _read_at_most(path, archive.extractfile(member), member.name, largest)
        # The end of a gzip stream carries its checksum: reading to it tells a cut archive from a whole one.
        while counted.read(1 << 20):
            pass


def _wanted(inner: PurePosixPath, suffix: str) -> bool:
    # A Mac's archiver adds "._name" files beside the real ones.
    return inner.suffix == suffix and not inner.name.startswith("._")


def _read_at_most(path: Path, file, name: str, largest: int) -> bytes:
    data = file.read(largest + 1)
    if len(data) > largest:
        raise DatasetError(f"{path.name} holds {name!r} with more than {largest:,} bytes; refused")
    return data


class _Counted(io.RawIOBase):
    """A reader that stops a stream which unpacks to far more than it should."""

    def __init__(self, path: Path, file):
        self.path = path
        self.file = file
        self.total = 0

    def read(self, size: int = -1) -> bytes:
        data = self.file.read(size)
        self.total += len(data)
        if self.total > MOST_BYTES:
            raise DatasetError(
                f"{self.path.name} unpacks to more than {MOST_BYTES:,} bytes; refused: no FSDD archive"
            )
        return data
