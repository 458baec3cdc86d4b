"""``history.csv``: one row an epoch, and in the first epoch one every few steps.

The first columns are every run's; after them come the terms that a model's loss is made of, by the names
that the model gives them (``kl``, ``critic_loss``, ``val_kl`` ...), in alphabetical order.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from course_lib.training.durable import explain, write_bytes
from course_lib.training.errors import RunError

COLUMNS = ("step", "epoch", "seconds", "loss", "val_loss", "learning_rate")


def header(terms: Iterable[str] = ()) -> str:
    """The first line of a history with these further columns."""
    return ",".join((*COLUMNS, *sorted(terms))) + "\n"


def read_history(path: Path) -> dict[str, list[float]]:
    """Columns of a history that may be in the middle of being written.

    Returns
    -------
    dict of str to list of float
        ``step`` (optimiser steps), ``epoch`` (completed; 0 for rows inside the first), ``seconds``,
        ``loss``, ``val_loss`` (NaN where it was not measured), ``learning_rate``, and the model's own
        terms; all equally long.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except OSError:
        text = ""
    lines = text.splitlines(keepends=True)
    names = _names(lines)
    rows = [row for line in lines if (row := _parse(line, len(names))) is not None]
    return {name: [row[i] for row in rows] for i, name in enumerate(names)}


def _names(lines: Sequence[str]) -> tuple[str, ...]:
    """The columns that the first line names; the common ones while it is still being written."""
    names = tuple(lines[0].rstrip("\n").split(",")) if lines and lines[0].endswith("\n") else ()
    return names if names[: len(COLUMNS)] == COLUMNS else COLUMNS


def _parse(line: str, width: int) -> list[float] | None:
    """One complete row of ``width`` cells, or None for the header and for a row cut short."""
    cells = line.rstrip("\n").split(",")
    if not line.endswith("\n") or len(cells) != width:
        return None
    try:
        return [float(cell) if cell else math.nan for cell in cells]
    except ValueError:
        return None


def format_row(
    step: int,
    epoch: int,
    seconds: float,
    loss: float,
    val_loss: float | None,
    learning_rate: float,
    terms: Mapping[str, float | None] | None = None,
) -> str:
    """One line; losses are written so that reading them back gives the same float.

    ``terms`` are the columns beyond the common ones, the same names in every row; None was not measured.
    """
    ends = [_cell(value) for _, value in sorted((terms or {}).items())]
    cells = [str(step), str(epoch), f"{seconds:.3f}", repr(float(loss)), _cell(val_loss)]
    return ",".join([*cells, repr(float(learning_rate)), *ends]) + "\n"


def _cell(value: float | None) -> str:
    return "" if value is None or math.isnan(value) else repr(float(value))


def append_row(path: Path, row: str, terms: Iterable[str] = ()) -> None:
    """Append one row of :func:`format_row`; a new file gets its header with the names of the ``terms``."""
    try:
        with Path(path).open("a", encoding="utf-8", newline="") as file:
            if file.tell() == 0:
                file.write(header(terms))
            file.write(row)
    except OSError as error:
        raise RunError(explain(error, path)) from error


def sync_history(path: Path) -> None:
    """Make what was appended survive a power cut."""
    try:
        with Path(path).open("ab") as file:
            os.fsync(file.fileno())
    except OSError as error:
        raise RunError(explain(error, path)) from error


def cut_history(path: Path, step: int) -> None:
    """Drop the rows after ``step``, and a last row cut short: what a resumed run will write again."""
    lines = Path(path).read_text(encoding="utf-8").splitlines(keepends=True) if Path(path).exists() else []
    names = _names(lines)
    kept = []
    for line in lines:
        row = _parse(line, len(names))
        if row is not None and row[0] <= step:
            kept.append(line)
    # Without a row the file is empty: the training that goes on knows the names of its terms.
    text = header(names[len(COLUMNS) :]) + "".join(kept) if kept else ""
    write_bytes(path, text.encode())
