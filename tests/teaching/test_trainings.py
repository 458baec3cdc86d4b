"""Waiting for trainings, and what a learner is told."""

from __future__ import annotations

import time
from dataclasses import dataclass

import pytest

from course_lib.teaching import trainings
from course_lib.teaching.errors import LabError
from course_lib.teaching.exercise import Budget
from course_lib.teaching.machine import Machine
from course_lib.training.quiet import quiet_stderr
from course_lib.training.status import RunStatus


@dataclass
class ScriptedRun:
    """A run whose status follows a list; an exception in it is raised."""

    script: list
    name: str = "toy"

    def status(self):
        item = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(item, BaseException):
            raise item
        return item

    def load_model(self):
        raise ValueError("no weights")


@pytest.fixture
def room(monkeypatch):
    monkeypatch.setattr(trainings, "POLL_SECONDS", 0.0)
    return trainings.Trainings.__new__(trainings.Trainings)


def status(state, **values):
    return RunStatus(state=state, epochs=10, heartbeat=time.time(), **values)


def test_wait_reports_each_state_until_the_end(room, capsys):
    run = ScriptedRun(
        [status("queued", message="waiting"), status("running", epoch=3, eta_s=7.0), status("done", epoch=10)]
    )
    room.wait([run])
    lines = capsys.readouterr().out.splitlines()
    assert lines == ["toy: waiting", "toy: epoch 4 of 10, about 7 s to go", "toy: done after 0 s, 10 epochs"]


def test_an_interrupted_wait_says_what_to_do_and_raises_nothing(room, capsys):
    other = ScriptedRun([AssertionError("must not be asked")])
    room.wait([ScriptedRun([status("running"), KeyboardInterrupt()]), other])
    text = capsys.readouterr().out
    assert "toy goes on in its own process" in text
    assert 'run.request("pause")' in text


def test_a_failed_training_is_one_sentence(room):
    with pytest.raises(LabError, match="toy failed: out of memory"):
        room.wait([ScriptedRun([status("failed", error="out of memory")])])


def test_a_model_that_still_trains_or_left_nothing(room):
    with pytest.raises(LabError, match=r"still running: run lab\.wait"):
        room.model(ScriptedRun([status("running")]))
    with pytest.raises(LabError, match=r"left no model \(no weights\)"):
        room.model(ScriptedRun([status("stopped")]))


def test_a_lab_error_shows_one_line_and_no_traceback():
    (line,) = LabError("do this").__class__("do this")._render_traceback_()
    assert "do this" in line
    assert "Traceback" not in line


def test_html_of_a_run_name_is_escaped():
    html, _ = trainings.progress_line("<b>x</b>", status("running"))
    assert "<b>x</b>" not in html


def test_runs_go_to_the_projects_folder_from_anywhere_below_it(monkeypatch, tmp_path):
    from course_lib.paths import project_root

    monkeypatch.delenv("COURSE_RUNS", raising=False)
    monkeypatch.chdir(project_root() / "notebooks")
    assert trainings.runs_root() == project_root() / "runs"
    monkeypatch.chdir(tmp_path)
    assert trainings.runs_root() == tmp_path / "runs"
    monkeypatch.setenv("COURSE_RUNS", str(tmp_path / "elsewhere"))
    assert trainings.runs_root() == tmp_path / "elsewhere"


def test_estimates_follow_the_measured_step():
    machine = Machine(cores=2, memory_gb=8, device="the CPU", step_ms=50)
    # 1,200 clips are 19 steps of 64: 0.95 s an epoch.
    assert machine.seconds_for(clips=1200, epochs=10, limit=60) == pytest.approx(9.5)
    assert machine.seconds_for(clips=1200, epochs=100, limit=60) == 60
    assert machine.epochs_in(clips=1200, epochs=100, limit=60) == 63
    assert Budget("t", epochs=9, seconds=60).limits("fast") == (1, 5.0)


def test_quiet_stderr_silences_the_process_and_gives_it_back(capfd):
    import os

    with quiet_stderr():
        os.write(2, b"noise")
    os.write(2, b"signal")
    assert capfd.readouterr().err == "signal"


def test_a_diagnosis_is_told_in_the_studio_s_words():
    from course_lib.evaluation.diagnosis.symptom import Symptom
    from course_lib.teaching.diagnosis import told
    from course_lib.training.diagnosis.report import Diagnosis

    ill = Symptom("overfitting", "serious", "It rose <5 %.", "Set augment=true.", lab="01")
    block = told(Diagnosis("toy", symptoms=(ill,), checked=("overfitting",)))
    assert repr(block).splitlines() == [
        "toy: 1 thing wrong in 1 check: overfitting.",
        "✗ overfitting: It rose <5 %.",
        "  → Set augment=true.",
        "  → Lab 01 is about it.",
    ]
    assert "It rose &lt;5 %." in block._repr_html_()
    well = told(Diagnosis("toy", checked=("overfitting",)))
    assert repr(well) == "toy: Nothing wrong found in 1 check."


def test_a_run_that_cannot_be_read_is_one_sentence(room, tmp_path):
    from course_lib.training.run_folder import Run

    with pytest.raises(LabError, match="gone cannot be read: run gone has no readable config"):
        room.diagnose(Run(tmp_path / "gone"))
