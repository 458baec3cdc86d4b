"""Results as a CSV file, and what they say."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from course_lib.evaluation.listening.errors import ListeningError
from course_lib.evaluation.listening.kinds import KINDS, get_kind
from course_lib.evaluation.listening.state_file import write_text

# Columns that are not text.
NUMBERS = {"trial": int, "correct": int, "score": float}


def columns(kind: str) -> list[str]:
    """The columns of a kind's results."""
    return ["kind", "listener", "trial", *get_kind(kind).COLUMNS, "seconds"]


def write_csv(path, rows: Sequence[dict[str, Any]]) -> Path:
    """Write rows of one test; the listeners are random codes, and there is no time of day.

    Raises
    ------
    ListeningError
        No rows, or rows of two kinds.
    """
    path, buffer = Path(path), io.StringIO()
    writer = csv.DictWriter(buffer, columns(_kind_of(rows)), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_text(path, buffer.getvalue())
    return path


def read_csv(path) -> list[dict[str, Any]]:
    """The rows of :func:`write_csv`; ListeningError names the line that cannot be one."""
    path = Path(path)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = list(csv.DictReader(file))
    except (UnicodeDecodeError, csv.Error) as error:
        raise ListeningError(f"{path.name} is not a CSV file ({error})") from error
    kinds = {line.get("kind") for line in lines}
    if not lines or not kinds <= set(KINDS) or len(kinds) > 1:
        raise ListeningError(
            f"{path.name} holds no results of one listening test: expected a column kind with one of "
            f"{', '.join(KINDS)}"
        )
    expected = columns(kinds.pop())
    rows = []
    for number, line in enumerate(lines, start=2):
        try:
            row = {name: NUMBERS.get(name, str)(line[name]) for name in expected[:-1]}
            seconds = line["seconds"]
            rows.append({**row, "seconds": float(seconds) if seconds else None})
            if row.get("correct", 0) not in (0, 1) or not 0 <= row.get("score", 0) <= 100:
                raise ValueError
        except (KeyError, TypeError, ValueError) as error:
            raise ListeningError(
                f"line {number} of {path.name} is no result: expected the columns {', '.join(expected)}"
            ) from error
    return rows


def analyse(rows: Sequence[dict[str, Any]], **options) -> dict[str, Any]:
    """What the results say: :func:`abx.analyse`, :func:`preference.analyse` or :func:`mushra.analyse`.

    Parameters
    ----------
    rows : sequence of dict
        Of one test and any number of listeners.
    **options
        ``alpha``; in MUSHRA also ``post_screening``.

    Raises
    ------
    ListeningError
        No rows, or rows of two kinds.
    """
    return get_kind(_kind_of(rows)).analyse(list(rows), **options)


def _kind_of(rows: Sequence[dict[str, Any]]) -> str:
    kinds = {row["kind"] for row in rows}
    if not kinds:
        raise ListeningError("no listener has finished the test yet: there are no results")
    if len(kinds) > 1:
        raise ListeningError(f"expected results of one test; received {', '.join(sorted(kinds))}")
    return kinds.pop()
