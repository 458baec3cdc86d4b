"""``course diagnose`` and its line in ``course runs show``; no backend is imported."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
import typer
import typer.testing

from course_lib.commands import diagnose, runs
from course_lib.training.diagnosis.report import Diagnosis, Examination, where_to_learn
from course_lib.training.errors import RunError
from course_lib.training.history import append_row, format_row

sys.path.insert(0, str(Path(__file__).parents[1] / "training"))
from fake_run import fake_run


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Path:
    """A run that went well, and one whose held-out loss turned."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_CACHE", str(tmp_path_factory.mktemp("cache")))
        folder = tmp_path_factory.mktemp("runs")
        fake_run(folder, "well")
        history = fake_run(folder, "ill").path / "history.csv"
        for epoch in range(7, 13):
            append_row(
                history, format_row(20 * epoch, epoch, epoch, 0.22 - 0.01 * epoch, 0.2 + 0.02 * epoch, 0)
            )
    return folder


@pytest.fixture
def course(store, monkeypatch):
    """Run a command line; returns (exit status, output, exception)."""
    monkeypatch.setenv("COURSE_RUNS", str(store))
    monkeypatch.setenv("COLUMNS", "300")
    app = typer.Typer()
    app.command()(diagnose.diagnose)
    app.add_typer(runs.app, name="runs")

    def invoke(*arguments: str):
        result = typer.testing.CliRunner().invoke(app, arguments)
        return result.exit_code, result.stdout, result.exception

    return invoke


def test_a_healthy_run_is_told_what_is_right(course):
    status, output, _ = course("diagnose", "well", "--quick")
    assert status == 0
    lines = output.splitlines()
    assert lines[0].startswith("well: Nothing wrong found in 6 checks: the held-out loss fell from 0.")
    assert len([line for line in lines if line.startswith("✓")]) == 6


def test_a_sick_run_is_told_what_to_change_and_exits_1(course):
    status, output, _ = course("diagnose", "ill", "--quick")
    assert status == 1
    assert "✗ overfitting (serious)" in output
    assert "→ Train on more clips" in output
    assert "Lab 01 is about it." in output
    assert "ill: 1 thing wrong in 6 checks: overfitting." in output


def test_json_holds_every_number(course):
    status, output, _ = course("diagnose", "ill", "--quick", "--json")
    content = json.loads(output)
    assert status == 1
    assert (content["run"], content["healthy"]) == ("ill", False)
    (symptom,) = content["symptoms"]
    assert set(symptom) == {"name", "severity", "sentence", "remedy", "evidence", "lab"}
    assert symptom["evidence"]["best_epoch"] == 6
    assert len(content["right"]) == 5
    assert content["skipped"] == {}


def test_runs_show_mentions_what_is_serious(course):
    status, output, _ = course("runs", "show", "ill")
    assert status == 0
    assert "  trouble   overfitting: The held-out loss was best in epoch 6" in output
    assert "More by: course diagnose ill" in output
    assert "trouble" not in course("runs", "show", "well")[1]


def test_a_run_that_is_not_there(course):
    status, _, error = course("diagnose", "nobody")
    assert status == 1
    assert isinstance(error, RunError)
    assert "there are: ill, well" in str(error)


def test_later_looks_replace_earlier_ones_and_the_first_reason_counts():
    examination = Examination("r")
    examination.skip("dead units", "no data")
    examination.skip("dead units", "no model")
    assert examination.diagnosis().skipped == (("dead units", "no data"),)
    examination.look("dead units", None)
    examination.skip("dead units", "no model")
    found = examination.diagnosis()
    assert (found.checked, found.skipped) == (("dead units",), ())
    assert found.sentence == "Nothing wrong found in 1 check."
    assert Diagnosis("r").sentence == "Nothing to look at yet."


def test_a_lab_that_is_not_there_yet_is_not_recommended():
    from course_lib.evaluation.diagnosis.symptom import Symptom

    assert where_to_learn(Symptom("x", "note", "y", lab="01")) == "Lab 01 is about it."
    assert where_to_learn(Symptom("x", "note", "y", lab="99")) == ""
    assert where_to_learn(Symptom("x", "note", "y")) == ""
