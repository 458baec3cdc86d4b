"""Read the files of an archive from a stranger, without unpacking anything to where it says."""

from __future__ import annotations

import gzip
import io
import lzma
import os
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from course_lib.data.errors import DatasetError

# What broken archives raise, depending on where they are broken.
BROKEN = (
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    gzip.BadGzipFile,
    NotImplementedError,
    UnicodeDecodeError,
    struct.error,
)


@dataclass(frozen=True)
class Limits:
    """What an archive may hold; the defaults are FSDD's, which has 3,000 files and 21 million bytes.

    Attributes
    ----------
    members, total, largest : int
        Most members, most bytes unpacked, most bytes of one file.
    """

    members: int = 20_000
    total: int = 200_000_000
    largest: int = 1_000_000


def is_archive(path: Path) -> bool:
    """Whether the first bytes say zip, gzip or tar; says nothing of the rest."""
    if zipfile.is_zipfile(path):
        return True
    with path.open("rb") as file:
        head = file.read(265)
    return head[:2] == b"\x1f\x8b" or head[:4] == b"PK\x03\x04" or head[257:262] == b"ustar"


def archive_files(
    path: Path, wanted: Callable[[PurePosixPath], bool], *, limits: Limits
) -> Iterator[tuple[PurePosixPath, bytes]]:
    """Yield (path inside the archive, bytes) of each regular file that is wanted.

    Parameters
    ----------
    wanted : callable
        Told a member's path; other members are passed over unread.
    limits : Limits
        Passing them ends the reading.

    Raises
    ------
    DatasetError
        Broken or cut short; a member with an absolute or climbing path; a link or a device; too many
        members or bytes. Paths inside are only told, never used, so nothing can be written outside.
    """
    try:
        if zipfile.is_zipfile(path):
            yield from _zip_files(path, wanted, limits)
        else:
            yield from _tar_files(path, wanted, limits)
    except BROKEN as error:
        raise DatasetError(
            f"{path.name} is damaged or only half downloaded ({error}); download it again"
        ) from error


def _refuse(path: Path, what: str) -> DatasetError:
    return DatasetError(f"{path.name} {what}; refused: it is not the archive that was published")


def _check_member(path: Path, count: int, name: str, total: int, limits: Limits) -> PurePosixPath:
    """The member's path, after the checks that both kinds share."""
    inner = PurePosixPath(name.replace("\\", "/"))
    if inner.is_absolute() or ".." in inner.parts or ":" in (inner.parts[0] if inner.parts else ""):
        raise DatasetError(f"{path.name} holds a member that points outside it, {name!r}; refused")
    if count > limits.members:
        raise _refuse(path, f"holds more than {limits.members:,} members")
    if total > limits.total:
        raise _refuse(path, f"unpacks to more than {limits.total:,} bytes")
    return inner


def _zip_files(path: Path, wanted, limits: Limits) -> Iterator[tuple[PurePosixPath, bytes]]:
    # zipfile reads the whole table of contents at once: a million entries would take a gigabyte of memory.
    if _zip_table_bytes(path) > 512 * limits.members:
        raise _refuse(path, f"holds more than {limits.members:,} members")
    with zipfile.ZipFile(path) as archive:
        total = 0
        for count, member in enumerate(archive.infolist(), start=1):
            total += member.file_size
            inner = _check_member(path, count, member.filename, total, limits)
            kind = (member.external_attr >> 16) & 0o170000
            if kind not in (0, 0o100000, 0o040000):
                raise DatasetError(f"{path.name} holds a link or special file, {member.filename!r}; refused")
            if member.flag_bits & 1:
                raise DatasetError(f"{path.name} is encrypted; expected the release as it was published")
            if member.is_dir() or not _is_wanted(inner, wanted):
                continue
            with archive.open(member) as file:
                yield inner, _read_at_most(path, file, member.filename, limits.largest)


def _zip_table_bytes(path: Path) -> int:
    """Length of a zip's table of contents, by the record at the archive's end."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - 65_557 - 20))
        tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    table = int.from_bytes(tail[at + 12 : at + 16], "little") if at >= 0 else 0
    if table < 0xFFFFFFFF:
        return table
    # The 64-bit form keeps the length elsewhere: whatever lies before the end may be the table.
    return size


def _tar_files(path: Path, wanted, limits: Limits) -> Iterator[tuple[PurePosixPath, bytes]]:
    # Streaming through a counter: the sizes that a compressed archive states are not believed.
    with path.open("rb") as raw:
        compressed = raw.peek(2)[:2] == b"\x1f\x8b"
        counted = _Counted(path, gzip.GzipFile(fileobj=raw) if compressed else raw, limits)
        with tarfile.open(fileobj=counted, mode="r|") as archive:
            stated = 0
            for count, member in enumerate(archive, start=1):
                # What it states is checked before it is read through, what it really holds while it is.
                stated += max(0, member.size)
                inner = _check_member(path, count, member.name, max(stated, counted.total), limits)
                if not (member.isfile() or member.isdir()):
                    raise DatasetError(f"{path.name} holds a link or special file, {member.name!r}; refused")
                if member.isdir() or not _is_wanted(inner, wanted):
                    archive.members.clear()
                    continue
                yield inner, _read_at_most(path, archive.extractfile(member), member.name, limits.largest)
                # tarfile keeps every member it has seen: a hundred thousand of them are 100 MB.
                archive.members.clear()
        # The end of a gzip stream carries its checksum: reading to it tells a cut archive from a whole one.
        while counted.read(1 << 20):
            pass


def _is_wanted(inner: PurePosixPath, wanted) -> bool:
    # A Mac's archiver adds "._name" files beside the real ones.
    return not inner.name.startswith("._") and wanted(inner)


def _read_at_most(path: Path, file, name: str, largest: int) -> bytes:
    data = file.read(largest + 1)
    if len(data) > largest:
        raise DatasetError(f"{path.name} holds {name!r} with more than {largest:,} bytes; refused")
    return data


class _Counted(io.RawIOBase):
    """A reader that stops a stream which unpacks to far more than it should."""

    def __init__(self, path: Path, file, limits: Limits):
        self.path = path
        self.file = file
        self.limits = limits
        self.total = 0

    def read(self, size: int = -1) -> bytes:
        data = self.file.read(size)
        self.total += len(data)
        # Each member's header and padding count too, a kilobyte at most.
        if self.total > self.limits.total + 1024 * self.limits.members:
            raise _refuse(self.path, f"unpacks to more than {self.limits.total:,} bytes")
        return data
