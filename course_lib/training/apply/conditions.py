"""What can be asked for, by name or by number, and lists of what is asked for in each file."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from course_lib.training.run_folder import Run

COLUMNS = ["file", "condition"]
# A table with more mistakes than this is the wrong table.
MOST_NAMED = 10


class Conditions:
    """The classes that a model was trained on.

    Parameters
    ----------
    names : sequence of str
        By class number.
    what : str
        What they are, for messages.
    """

    def __init__(self, names: Sequence[str], what: str = "condition"):
        self.names = tuple(names)
        self.what = what

    @classmethod
    def of(cls, run: Run) -> Conditions:
        """Those of a run's data set.

        Raises
        ------
        RunError, ValueError
            The run's ``config.json`` cannot be read, or names a data set that there is not.
        """
        config = run.config()
        names = config.get("classes")
        if not names:
            from course_lib.data import catalog

            names = catalog.get(config["dataset"]["name"]).labels
        return cls(names)

    def number(self, asked: str | int) -> int:
        """Class number of a name (``"seven"``, in any case) or a number (``7`` or ``"7"``).

        Raises
        ------
        ValueError
            There is no such class; the message lists them.
        """
        text = str(asked).strip()
        folded = [name.casefold() for name in self.names]
        if text.casefold() in folded:
            return folded.index(text.casefold())
        # Where the names are numbers themselves, such as pitches, another number is a mistake.
        named = any(name.isdigit() for name in self.names)
        if not named and text.isascii() and text.isdigit() and int(text) < len(self.names):
            return int(text)
        known = ", ".join(name if named else f"{name} ({number})" for number, name in enumerate(self.names))
        raise ValueError(f"unknown {self.what} {str(asked)!r}; expected one of {known}")

    def read_csv(self, path: Path, files: Iterable[str]) -> dict[str, int]:
        """Class numbers of ``files`` by a table with the columns ``file`` and ``condition``.

        Parameters
        ----------
        path : Path
            UTF-8; its first line is ``file,condition``.
        files : iterable of str
            What must be listed, each exactly once, as it is called in the table: with ``/`` between folders.

        Raises
        ------
        FileNotFoundError
            No such table.
        ValueError
            Another heading, a line of other than two cells, an unknown condition, a file that is missing,
            listed twice, or not among ``files``: all that is wrong in one message.
        """
        rows = _rows(path)
        wanted = list(files)
        problems, found = [], {}
        for line, (file, asked) in rows:
            try:
                found.setdefault(file, self.number(asked))
            except ValueError as error:
                problems.append(f"line {line}: {error}")
        counts = Counter(file for _, (file, _) in rows)
        problems += [f"{file} is listed {count} times" for file, count in counts.items() if count > 1]
        problems += [f"{file} is not in the folder" for file in counts if file not in wanted]
        problems += [f"{file} has no line" for file in wanted if file not in counts]
        if problems:
            more = len(problems) - MOST_NAMED
            listed = problems[:MOST_NAMED] + ([f"and {more} more"] if more > 0 else [])
            raise ValueError(f"{path.name}: " + "; ".join(listed))
        return {file: found[file] for file in wanted}


def _rows(path: Path) -> list[tuple[int, tuple[str, str]]]:
    """(line number, (file, condition)) of each line that is not empty."""
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"no table of conditions at {path}")
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = [
                (number, [cell.strip() for cell in cells])
                for number, cells in enumerate(csv.reader(file), start=1)
                if any(cell.strip() for cell in cells)
            ]
    except (UnicodeDecodeError, csv.Error) as error:
        raise ValueError(
            f"{path.name} is no table that can be read: {error}; save it as CSV, UTF-8"
        ) from error
    heading = [cell.casefold() for cell in lines[0][1]] if lines else []
    if heading != COLUMNS:
        raise ValueError(
            f"{path.name} must begin with the line file,condition; received {','.join(heading)!r}"
        )
    uneven = next((number for number, cells in lines if len(cells) != 2), None)
    if uneven is not None:
        raise ValueError(f"{path.name}: line {uneven} must have two cells, a file and a condition")
    return [
        (number, (cells[0].replace("\\", "/").removeprefix("./"), cells[1])) for number, cells in lines[1:]
    ]
