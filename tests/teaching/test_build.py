"""One source, two copies."""

from __future__ import annotations

import json

import nbformat
import pytest
from typer.testing import CliRunner

from course_lib.commands.lab import app
from course_lib.teaching import build

SOURCE = '''def double(x):
    """Twice x."""
    ### BEGIN SOLUTION
    secret = 2 * x
    return secret
    ### END SOLUTION'''
CHECK = """verdict = lab.check("1.1", double)
### BEGIN HIDDEN TESTS
assert lab.check("1.1", double, seed=41)
### END HIDDEN TESTS
verdict"""


@pytest.fixture
def folder(tmp_path):
    notebook = nbformat.v4.new_notebook()
    grading = {"schema_version": 3, "locked": False, "task": False}
    notebook.cells = [
        nbformat.v4.new_markdown_cell("# A lab", id="title"),
        nbformat.v4.new_code_cell(
            SOURCE,
            id="stub",
            metadata={"nbgrader": grading | {"grade": False, "solution": True, "grade_id": "exercise-1-1"}},
        ),
        nbformat.v4.new_code_cell(
            CHECK,
            id="check",
            metadata={
                "nbgrader": grading | {"grade": True, "solution": False, "points": 2, "grade_id": "check-1-1"}
            },
        ),
    ]
    notebook.cells[1].outputs = [nbformat.v4.new_output("stream", text="left over")]
    notebook.cells[1].execution_count = 7
    path = tmp_path / "source" / "01_toy.ipynb"
    path.parent.mkdir()
    path.write_text(nbformat.writes(notebook))
    return path.parent


def test_student_copy_holds_neither_solution_nor_hidden_test(folder):
    text = nbformat.writes(build.build(folder / "01_toy.ipynb", "student"))
    for leak in ("secret", "SOLUTION", "HIDDEN", "seed=41", "left over"):
        assert leak not in text
    assert 'raise NotImplementedError(\\"exercise 1.1 is not done yet\\")' in text
    assert "verdict = lab.check" in text


def test_student_stub_keeps_the_indent_and_raises(folder):
    notebook = build.build(folder / "01_toy.ipynb", "student")
    names: dict = {}
    exec(notebook.cells[1].source, names)
    with pytest.raises(NotImplementedError, match=r"exercise 1\.1 is not done yet"):
        names["double"](1)


def test_instructor_copy_has_solutions_and_a_key(folder):
    notebook = build.build(folder / "01_toy.ipynb", "instructor")
    assert notebook.cells[1].id == "for-the-lecturer"
    assert "| `check-1-1` | 2 |" in notebook.cells[1].source
    assert "secret" in notebook.cells[2].source
    assert notebook.cells[2].outputs == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("### BEGIN SOLUTION\nx = 1", "without an end"),
        ("x = 1\n### END SOLUTION", "without a beginning"),
        ("### BEGIN SOLUTION\n### BEGIN SOLUTION\n### END SOLUTION", "twice"),
    ],
)
def test_marks_that_do_not_pair_are_refused(text, message):
    with pytest.raises(ValueError, match=message):
        build.student_source(text)


def test_student_copies_never_touch_work_that_is_there(folder, tmp_path):
    target = tmp_path / "work"
    assert build.student_copies(target, folder=folder) == [target / "01_toy.ipynb"]
    (target / "01_toy.ipynb").write_text("my work")
    assert build.student_copies(target, folder=folder) == []
    assert (target / "01_toy.ipynb").read_text() == "my work"
    assert [path.name for path in target.iterdir()] == ["01_toy.ipynb"]


def test_unknown_lab_lists_the_known(folder):
    with pytest.raises(ValueError, match="no lab '07'; expected one of 01"):
        build.source("07", folder)


def test_cleanness_sees_outputs(folder):
    path = folder / "01_toy.ipynb"
    assert not build.is_clean(path)
    build.write(path, "instructor", folder / "02_copy.ipynb")
    assert build.is_clean(folder / "02_copy.ipynb")


def test_command_writes_then_keeps(tmp_path):
    run = CliRunner().invoke
    first = run(app, ["build", "01", "--for", "student", "-o", str(tmp_path)])
    assert first.exit_code == 0, first.output
    copy = tmp_path / "01_autoencoder.ipynb"
    assert "BEGIN SOLUTION" not in copy.read_text()
    copy.write_text("my work")
    assert "kept" in run(app, ["build", "01", "-o", str(tmp_path)]).output
    assert copy.read_text() == "my work"
    assert run(app, ["build", "01", "--for", "instructor", "-o", str(tmp_path), "--force"]).exit_code == 0
    assert "BEGIN SOLUTION" in copy.read_text()
    assert json.loads(copy.read_text())["metadata"]["latent_sound"]["reader"] == "instructor"


def test_command_refuses_to_write_over_the_source():
    result = CliRunner().invoke(app, ["build", "01", "-o", str(build.source("01").parent), "--force"])
    assert isinstance(result.exception, ValueError)
    assert "is the source notebook itself" in str(result.exception)
