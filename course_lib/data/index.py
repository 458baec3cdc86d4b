"""The list of a data set's recordings that is written when it is imported: what each is, and its hash."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path

from course_lib.data.errors import DatasetError

NAME = "index.csv"
SPLITS = ("train", "validation", "test")


@dataclass(frozen=True)
class Recording:
    """One line of the list.

    Attributes
    ----------
    file : str
        Path inside the data set's folder, with forward slashes.
    label : str
        A word, an instrument, a class of sounds.
    speaker : str
        Who or what made it: clips with the same speaker are alike, and splits keep them together.
    take : int
        Number of the repetition.
    split : str
        ``train``, ``validation`` or ``test``.
    pitch, velocity : int
        Of a note, as MIDI counts them; -1 for other sounds.
    samples, sr : int
        Length in samples, and their rate in Hz.
    size : int
        Bytes of the file.
    sha256 : str
        Of the file.
    """

    file: str
    label: str
    speaker: str
    take: int
    split: str
    pitch: int = -1
    velocity: int = -1
    samples: int = 0
    sr: int = 0
    size: int = 0
    sha256: str = ""


COLUMNS = tuple(field.name for field in fields(Recording))
NUMBERS = ("take", "pitch", "velocity", "samples", "sr", "size")


def write_index(folder: Path, recordings: Sequence[Recording]) -> None:
    """Write the list into ``folder``; the folder is not in use yet."""
    with (folder / NAME).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows([getattr(recording, column) for column in COLUMNS] for recording in recordings)


def read_index(folder: Path) -> tuple[Recording, ...]:
    """The list of the data set in ``folder``; empty when there is none.

    Raises
    ------
    DatasetError
        Not a list that :func:`write_index` wrote.
    """
    path = folder / NAME
    try:
        state = path.stat()
    except OSError:
        return ()
    return _read(path, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=8)
def _read(path: Path, mtime_ns: int, size: int) -> tuple[Recording, ...]:
    """The list as it was at ``mtime_ns``: a hundred thousand lines take half a second to read."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = csv.reader(file)
            if tuple(next(rows)) != COLUMNS:
                raise ValueError("other columns")
            numbers = [COLUMNS.index(name) for name in NUMBERS]
            recordings = []
            for row in rows:
                for column in numbers:
                    row[column] = int(row[column])
                recordings.append(Recording(*row))
                if len(recordings[-1].sha256) != 64:
                    raise ValueError(f"line {len(recordings) + 1} is cut short")
    except (ValueError, TypeError, IndexError, StopIteration, csv.Error) as error:
        raise DatasetError(
            f"{path} is damaged ({error}): remove the data set with 'course data remove "
            f"{path.parent.name}' and get it again"
        ) from error
    return tuple(recordings)
