"""From one source notebook: the learner's copy and the lecturer's copy.

The source holds solutions and hidden tests between marks, with nbgrader's cell metadata, so the same file
also feeds nbgrader.
"""

from __future__ import annotations

import copy
import json
import os
import re
from pathlib import Path
from typing import Any, Literal

import nbformat

from course_lib.paths import project_root

Reader = Literal["student", "instructor"]
SOLUTION = ("### BEGIN SOLUTION", "### END SOLUTION")
HIDDEN = ("### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS")


def sources(folder: Path | None = None) -> list[Path]:
    """The source notebooks, in the order of the course."""
    return sorted((folder or project_root() / "notebooks").glob("[0-9][0-9]_*.ipynb"))


def source(number: str, folder: Path | None = None) -> Path:
    """The source notebook of one lab, such as ``"01"``."""
    found = {path.name[:2]: path for path in sources(folder)}
    if number not in found:
        raise ValueError(
            f"no lab {number!r}; expected one of {', '.join(found) or 'none: no notebooks here'}"
        )
    return found[number]


def build(path: Path, reader: Reader) -> nbformat.NotebookNode:
    """The notebook at ``path`` for one reader, without outputs.

    Raises
    ------
    ValueError
        Marks that do not pair up, or a solution cell without a stub.
    """
    notebook = nbformat.read(path, as_version=4)
    clean(notebook)
    if reader == "student":
        for cell in notebook.cells:
            cell.source = student_source(cell.source, grade_id=_grade_id(cell))
    elif reader == "instructor":
        notebook.cells.insert(1, _grading_key(notebook))
    else:
        raise ValueError(f"expected student or instructor; received {reader!r}")
    notebook.metadata["latent_sound"] = {"reader": reader, "source": path.name}
    nbformat.validate(notebook)
    return notebook


def clean(notebook: nbformat.NotebookNode) -> None:
    """Remove what running leaves behind: outputs, counts, widget state, timings."""
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None


def student_source(text: str, *, grade_id: str = "") -> str:
    """A cell's source with solutions replaced by a stub that says so, and hidden tests removed."""
    text = _cut(text, HIDDEN, keep_stub=False, grade_id=grade_id)
    return _cut(text, SOLUTION, keep_stub=True, grade_id=grade_id)


def _cut(text: str, marks: tuple[str, str], *, keep_stub: bool, grade_id: str) -> str:
    lines, inside = [], False
    for line in text.splitlines():
        bare = line.strip()
        if bare == marks[0]:
            if inside:
                raise ValueError(f"{grade_id or 'a cell'} has {marks[0]!r} twice without an end")
            inside = True
            if keep_stub:
                indent = line[: len(line) - len(line.lstrip())]
                number = re.sub(r"^exercise-(\d+)-(\d+)$", r"\1.\2", grade_id) or "this"
                lines += [
                    f"{indent}# Your code here: replace the next line.",
                    f'{indent}raise NotImplementedError("exercise {number} is not done yet")',
                ]
        elif bare == marks[1]:
            if not inside:
                raise ValueError(f"{grade_id or 'a cell'} has {marks[1]!r} without a beginning")
            inside = False
        elif not inside:
            lines.append(line)
    if inside:
        raise ValueError(f"{grade_id or 'a cell'} has {marks[0]!r} without an end")
    return "\n".join(lines)


def _grade_id(cell: Any) -> str:
    return cell.metadata.get("nbgrader", {}).get("grade_id", "")


def _grading_key(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """A table of what is graded, for the lecturer's copy."""
    rows, total = [], 0
    for cell in notebook.cells:
        grade = cell.metadata.get("nbgrader", {})
        if grade.get("grade"):
            rows.append(f"| `{grade['grade_id']}` | {grade['points']:g} |")
            total += grade["points"]
    text = [
        "## For the lecturer",
        "Solutions stand between `### BEGIN SOLUTION` and `### END SOLUTION`; hidden tests, which repeat "
        "each "
        "check with other random numbers, between `### BEGIN HIDDEN TESTS` and `### END HIDDEN TESTS`. "
        "Both are "
        "absent from the student copy. No check trains anything; grading all of them takes seconds once "
        "the set-up cell has run.",
        "",
        "| check | points |",
        "|---|---|",
        *rows,
        f"| **total** | **{total:g}** |",
        "",
        str(notebook.metadata.get("latent_sound", {}).get("timing", "")),
    ]
    return nbformat.v4.new_markdown_cell("\n".join(text).rstrip(), id="for-the-lecturer")


def write(path: Path, reader: Reader, target: Path) -> Path:
    """Write the copy of ``path`` for ``reader`` at ``target``; it appears whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    partial.write_text(nbformat.writes(build(path, reader)) + "\n", encoding="utf-8")
    partial.replace(target)
    return target


def student_copies(target: Path, *, folder: Path | None = None) -> list[Path]:
    """Put the learner's copy of every lab into ``target``; a file that is there already is never touched.

    Returns the paths of the copies that are new.
    """
    copies = [target / path.name for path in sources(folder)]
    new = [copy_path for copy_path in copies if not copy_path.exists()]
    for copy_path, path in zip(copies, sources(folder), strict=True):
        if copy_path in new:
            write(path, "student", copy_path)
    return new


def is_clean(path: Path) -> bool:
    """Whether a notebook is stored without outputs, counts and widget state."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    before = copy.deepcopy(notebook)
    node = nbformat.from_dict(notebook)
    clean(node)
    return json.loads(nbformat.writes(node)) == before
