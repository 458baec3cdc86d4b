"""How a published data set arranges its files."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path, PurePosixPath
from typing import Protocol

from course_lib.data.index import Recording


class Layout(Protocol):
    """What :mod:`course_lib.data.importing` asks of a data set."""

    def keep(self, path: PurePosixPath) -> str | None:
        """Where a file of the release is kept, relative to the data set's folder; None for others.

        The release may have been unpacked at any depth. What is returned is built from checked parts of the
        path, never the path itself.
        """

    def recordings(self, folder: Path, files: Collection[str]) -> list[Recording]:
        """What each of the kept ``files`` is, without length and hash; lists and the like are absent.

        Raises DatasetError when the lists that belong to the release are missing or do not fit the files.
        """
