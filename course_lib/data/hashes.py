"""SHA-256 of files, and lists of them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from course_lib.data.errors import DatasetError


def sha256_of(path: Path) -> str:
    """Hexadecimal SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_hash_list(path: Path) -> dict[str, str]:
    """Read a ``sha256sum`` list into {file name: hash}.

    Raises
    ------
    DatasetError
        A line that is not 64 hexadecimal digits, two spaces and a name, or a name listed twice.
    """
    hashes: dict[str, str] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        digest, _, name = line.partition("  ")
        if len(digest) != 64 or set(digest) - set("0123456789abcdef") or not name:
            raise DatasetError(f"{path.name} line {number} is not 'SHA-256  name': {line[:80]!r}")
        if name in hashes:
            raise DatasetError(f"{path.name} lists {name} twice (line {number})")
        hashes[name] = digest
    return hashes


def content_hash(hashes: Mapping[str, str]) -> str:
    """One SHA-256 for a whole data set: of its list, sorted by name, in ``sha256sum`` form."""
    lines = "".join(f"{hashes[name]}  {name}\n" for name in sorted(hashes))
    return hashlib.sha256(lines.encode()).hexdigest()
