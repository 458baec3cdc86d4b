"""Staged hints, and the solution behind a fold."""

from __future__ import annotations

import json
from html import escape
from pathlib import Path

from course_lib.teaching.exercise import Exercise
from course_lib.teaching.verdict import notice

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"


class Hint:
    """One hint, shown as HTML or text."""

    def __init__(self, exercise: Exercise, stage: int):
        self.stage = min(stage, len(exercise.hints))
        self.text = exercise.hints[self.stage - 1]
        left = len(exercise.hints) - self.stage
        self.more = "run the cell again for the next" if left else f'then: lab.solution("{exercise.id}")'
        self.title = f"Hint {self.stage} of {len(exercise.hints)} for {exercise.id}"

    def __repr__(self) -> str:
        return f"{self.title}: {self.text} ({self.more})"

    def _repr_html_(self) -> str:
        body = f"<b>{self.title}</b> — {escape(self.text)} <small>({escape(self.more)})</small>"
        return notice(body, mark="💡", colour="#a16207")


class Solution:
    """The source notebook's own solution of an exercise, folded until it is clicked."""

    def __init__(self, exercise: Exercise, notebook: Path):
        self.title = f"A solution of {exercise.id}, {exercise.title}"
        self.code = solution_code(notebook, exercise.id)

    def __repr__(self) -> str:
        return f"{self.title}\n\n{self.code}"

    def _repr_html_(self) -> str:
        return (
            f"<details><summary><b>{escape(self.title)}</b> (click to unfold; yours may differ and be right)"
            f'</summary><pre style="padding:.6em 1em">{escape(self.code)}</pre></details>'
        )


def grade_id(exercise: str) -> str:
    """The cell name of an exercise's stub: ``1.2`` -> ``exercise-1-2``."""
    return f"exercise-{exercise.replace('.', '-')}"


def solution_code(notebook: Path, exercise: str) -> str:
    """The solution cell's code without its marks, from a source notebook.

    Raises
    ------
    FileNotFoundError
        The source notebook is not in this copy of the course.
    ValueError
        It has no such exercise.
    """
    if not notebook.exists():
        raise FileNotFoundError(
            f"the solutions are in {notebook.name} of the course's source, which is not in this copy; "
            "ask whoever gave you the lab"
        )
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        if cell.get("metadata", {}).get("nbgrader", {}).get("grade_id") == grade_id(exercise):
            lines = "".join(cell["source"]).splitlines()
            return "\n".join(line for line in lines if line.strip() not in (BEGIN, END))
    raise ValueError(f"{notebook.name} has no exercise {exercise}")
