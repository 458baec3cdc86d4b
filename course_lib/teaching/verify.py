"""Prove a lab before it is handed out: its solutions are right and its stubs are empty."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import numpy as np

from course_lib.teaching import build, check, hint
from course_lib.teaching.exercise import Content
from course_lib.teaching.verdict import Verdict

# Not the seed that learners see: a solution must pass whatever is asked.
SEED = 4711


@dataclass(frozen=True)
class Proof:
    """What the check says to an exercise's solution and to its untouched stub."""

    exercise: str
    title: str
    solution: Verdict
    stub: Verdict

    @property
    def holds(self) -> bool:
        """The solution passes and the stub counts as not attempted."""
        return self.solution.correct and self.stub.kind == "not attempted"


def verify(content: Content, path: Path) -> list[Proof]:
    """Judge every exercise of the notebook at ``path``, in its order; takes seconds and trains nothing."""
    solved = _definitions(nbformat.read(path, as_version=4), content)
    empty = _definitions(build.build(path, "student"), content)
    return [
        Proof(
            exercise.id,
            exercise.title,
            check.judge(exercise, solved.get(exercise.defines), seed=SEED),
            check.judge(exercise, empty.get(exercise.defines), seed=SEED),
        )
        for exercise in content.exercises
    ]


def _definitions(notebook: nbformat.NotebookNode, content: Content) -> dict[str, Any]:
    """What the stub cells define, run in order in one name space as in a kernel."""
    wanted = {hint.grade_id(exercise.id) for exercise in content.exercises}
    names: dict[str, Any] = {"np": np}
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") in wanted:
            exec(compile(cell.source, f"<{cell.id}>", "exec"), names)
    return names
