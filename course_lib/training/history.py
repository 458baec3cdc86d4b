"""``history.csv``: one row an epoch, and in the first epoch one every few steps."""

from __future__ import annotations

import math
import os
from pathlib import Path

from course_lib.training.durable import explain, write_bytes
from course_lib.training.errors import RunError

COLUMNS = ("step", "epoch", "seconds", "loss", "val_loss", "learning_rate")
HEADER = ",".join(COLUMNS) + "\n"


def read_history(path: Path) -> dict[str, list[float]]:
    """Columns of a history that may be in the middle of being written.

    Returns
    -------
    dict of str to list of float
        ``step`` (optimiser steps), ``epoch`` (completed; 0 for rows inside the first), ``seconds``,
        ``loss``, ``val_loss`` (NaN where it was not measured), ``learning_rate``; all equally long.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except OSError:
        text = ""
    rows = [row for row in map(_parse, text.splitlines(keepends=True)) if row is not None]
    return {name: [row[i] for row in rows] for i, name in enumerate(COLUMNS)}


def _parse(line: str) -> list[float] | None:
    """One complete row, or None for the header and for a row cut short."""
    cells = line.rstrip("\n").split(",")
    if not line.endswith("\n") or len(cells) != len(COLUMNS):
        return None
    try:
        return [float(cell) if cell else math.nan for cell in cells]
    except ValueError:
        return None


def format_row(
    step: int, epoch: int, seconds: float, loss: float, val_loss: float | None, learning_rate: float
) -> str:
    """One line; losses are written so that reading them back gives the same float."""
    held_out = "" if val_loss is None or math.isnan(val_loss) else repr(float(val_loss))
    return f"{step},{epoch},{seconds:.3f},{float(loss)!r},{held_out},{float(learning_rate)!r}\n"


def append_row(path: Path, row: str) -> None:
    """Append one row of :func:`format_row`; a new file gets its header."""
    try:
        with Path(path).open("a", encoding="utf-8", newline="") as file:
            if file.tell() == 0:
                file.write(HEADER)
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
    kept = [HEADER]
    if Path(path).exists():
        for line in Path(path).read_text(encoding="utf-8").splitlines(keepends=True):
            row = _parse(line)
            if row is not None and row[0] <= step:
                kept.append(line)
    write_bytes(path, "".join(kept).encode())
