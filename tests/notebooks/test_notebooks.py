"""The source notebooks: clean, well formed, and every cell runs."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import nbformat
import pytest
from nbclient import NotebookClient

from course_lib.paths import project_root
from course_lib.teaching import build, hint

SOURCES = build.sources()


def markdown_words(notebook):
    return sum(len(cell.source.split()) for cell in notebook.cells if cell.cell_type == "markdown")


def code_lines(notebook):
    return sum(
        bool(line.strip())
        for cell in notebook.cells
        if cell.cell_type == "code"
        for line in cell.source.splitlines()
    )


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
class TestSource:
    """What every source notebook keeps."""

    def test_is_stored_clean_with_stable_ids(self, path):
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
        assert build.is_clean(path)
        # Its default renames cells; what counts here is that nothing else would be stripped.
        command = [sys.executable, "-m", "nbstripout", "--keep-id", "--verify", str(path)]
        assert subprocess.run(command, capture_output=True, check=False).returncode == 0
        assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
        ids = [cell.id for cell in notebook.cells]
        assert len(set(ids)) == len(ids)
        # Ids are words: a random one would change, and with it every comparison of versions.
        assert not [name for name in ids if re.fullmatch(r"[0-9a-f]{8}", name)]

    def test_has_the_size_of_a_lesson(self, path):
        notebook = build.build(path, "student")
        assert 45 <= len(notebook.cells) <= 60
        assert 1500 <= markdown_words(notebook) <= 2500
        assert 150 <= code_lines(notebook) <= 350

    def test_sections_are_slides(self, path):
        for cell in nbformat.read(path, as_version=4).cells:
            starts = cell.cell_type == "markdown" and cell.source.startswith(("# ", "## "))
            assert (cell.metadata.get("slideshow", {}).get("slide_type") == "slide") == starts, cell.id

    def test_no_solution_reaches_the_student(self, path):
        source = nbformat.read(path, as_version=4)
        student = nbformat.writes(build.build(path, "student"))
        assert "BEGIN SOLUTION" not in student
        assert "HIDDEN" not in student
        for cell in source.cells:
            grade = cell.metadata.get("nbgrader", {})
            if not grade.get("solution"):
                continue
            inside = cell.source.split(hint.BEGIN)[1].split(hint.END)[0]
            # A one-word line such as `x = inputs` may stand elsewhere by right; whole statements may not.
            lines = [line.strip() for line in inside.splitlines() if len(line.strip()) > 30]
            assert lines
            stub = next(c for c in build.build(path, "student").cells if c.id == cell.id).source
            assert not [line for line in lines if line in stub]
            assert "NotImplementedError" in stub

    def test_nothing_is_loaded_from_elsewhere(self, path):
        text = path.read_text(encoding="utf-8")
        assert "http://" not in text
        assert not re.search(r"<(img|script|link)[^>]+https:", text)


def execute(path, folder, *, errors=False):
    """Run a notebook in the fast profile with runs and records of its own; returns it with outputs."""
    notebook = nbformat.read(path, as_version=4)
    environment = {
        "COURSE_PROFILE": "fast",
        "COURSE_RUNS": str(folder / "runs"),
        "COURSE_PROGRESS": str(folder / "progress"),
        "PYTHONPATH": os.pathsep.join(filter(None, [str(project_root()), os.environ.get("PYTHONPATH")])),
    }
    client = NotebookClient(
        notebook,
        timeout=240,
        kernel_name="python3",
        allow_errors=errors,
        resources={"metadata": {"path": str(folder)}},
    )
    client.execute(env=os.environ | environment)
    return notebook


def texts(cell):
    """Every text that a cell put out."""
    for output in cell.outputs:
        if output.output_type == "stream":
            yield output.text
        elif output.output_type == "error":
            yield "\n".join(output.traceback)
        else:
            yield output.data.get("text/plain", "")
            yield output.data.get("text/html", "")


@pytest.fixture(scope="session")
def executed(tmp_path_factory):
    """Lab 01's source, run once in the fast profile."""
    return execute(build.source("01"), tmp_path_factory.mktemp("lab01"))


@pytest.mark.slow
def test_lab_01_runs_from_top_to_bottom(executed):
    cells = {cell.id: cell for cell in executed.cells if cell.cell_type == "code"}
    assert not [
        name for name, cell in cells.items() for output in cell.outputs if output.output_type == "error"
    ]
    for name in ("check-1-1", "check-1-2", "check-1-3", "check-1-4", "check-1-5"):
        assert any("correct" in text for text in texts(cells[name])), name


@pytest.mark.slow
def test_lab_01_can_be_heard(executed):
    html = {
        cell.id: "".join(texts(cell)) for cell in executed.cells if cell.cell_type == "code" and cell.outputs
    }
    players = {name: text.count("<audio") for name, text in html.items()}
    expected = {
        "prelude": 6,
        "clip": 2,
        "pca-play": 4,
        "ladder-play": 3,
        "ab-play": 12,
        "narrow-train": 8,
        "walk": 10,
        "codec-play": 6,
        "clinic-broken": 2,
        "clinic-fixed": 3,
    }
    assert {name: min(players[name], least) for name, least in expected.items()} == expected
    # Sound in base64 may spell anything.
    assert all("NaN" not in re.sub(r"base64,[^\"]+", "", text) for text in html.values())


@pytest.mark.slow
def test_lab_01_shows_its_widgets_and_figures(executed):
    cells = {cell.id: cell for cell in executed.cells if cell.cell_type == "code"}
    for name in ("map", "knobs", "predict-1", "predict-2-ask", "quiz-all"):
        kinds = {kind for output in cells[name].outputs for kind in output.get("data", {})}
        assert "application/vnd.jupyter.widget-view+json" in kinds, name
    for name in ("clip", "train-wait", "overfit"):
        assert re.search(r'<img[^>]+alt="[^"]{20,}"', "".join(texts(cells[name]))), name


@pytest.mark.slow
def test_untouched_student_copy_stops_with_a_sentence(tmp_path):
    copy = build.write(build.source("01"), "student", tmp_path / "work" / "01_autoencoder.ipynb")
    notebook = nbformat.read(copy, as_version=4)
    kept = ("prelude", "setup", "clip", "exercise-1-1", "check-1-1", "exercise-1-2", "exercise-1-3")
    kept += ("check-1-2", "train-start", "train-wait", "ladder-play")
    notebook.cells = [cell for cell in notebook.cells if cell.id in kept]
    nbformat.write(notebook, copy)
    cells = {cell.id: "\n".join(texts(cell)) for cell in execute(copy, tmp_path, errors=True).cells}
    assert "not attempted" in cells["check-1-1"]
    assert "not attempted" in cells["check-1-2"]
    assert "exercise 1.2 is not done yet" in cells["train-start"]
    assert "`run` is not there yet: first run" in cells["train-wait"]
    for name in ("train-start", "train-wait", "ladder-play"):
        assert "Traceback" not in cells[name]
