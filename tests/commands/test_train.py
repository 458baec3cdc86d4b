"""``course train`` and ``course runs`` without a training; tests/training has the rest."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
import typer
import typer.testing

from course_lib.commands import runs, train
from course_lib.commands.progress import duration

sys.path.insert(0, str(Path(__file__).parents[1] / "training"))


@pytest.fixture
def course(tmp_path, monkeypatch):
    """Run a command line; returns (exit status, output, exception)."""
    monkeypatch.setenv("COURSE_RUNS", str(tmp_path / "runs"))
    app = typer.Typer()
    app.command()(train.train)
    app.add_typer(runs.app, name="runs")

    def invoke(*arguments: str):
        result = typer.testing.CliRunner().invoke(app, arguments)
        return result.exit_code, result.output, result.exception

    return invoke


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["train"], "say what to train: course train autoencoder"),
        (["train", "gan9"], "unknown preset 'gan9'; expected one of autoencoder"),
        (["train", "autoencoder", "--dataset", "mnist"], "unknown data set 'mnist'; expected one of digits"),
        (["train", "autoencoder", "--holdout", "nobody"], "unknown speaker nobody; digits has "),
        (["train", "autoencoder", "--set", "widht=4"], "did you mean width?"),
        (["train", "autoencoder", "--set", "width"], "--set expects FIELD=VALUE"),
        (["train", "autoencoder", "--epochs", "0"], "epochs: input should be greater than or equal to 1"),
        (["train", "autoencoder", "--run", "../up"], "run name '../up' is not usable"),
        (["train", "autoencoder", "--resume"], "name the run to resume with --run"),
        (["train", "autoencoder", "--run", "none", "--resume"], "no run named none"),
        (["runs", "show", "none"], "no run named none"),
        (["runs", "stop", "none"], "no run named none"),
    ],
)
def test_bad_values_are_one_sentence_and_leave_nothing(course, tmp_path, arguments, message):
    status, _, error = course(*arguments)
    assert status == 1
    assert isinstance(error, ValueError)
    assert message in str(error)
    assert not (tmp_path / "runs").exists()


def test_no_runs_yet(course, tmp_path):
    status, output, _ = course("runs", "list")
    assert status == 0
    assert output == f"no runs in {tmp_path / 'runs'} yet; begin with: course train autoencoder\n"
    assert json.loads(course("runs", "list", "--json")[1]) == []


def test_a_finished_run_is_listed_and_shown(course, tmp_path):
    from fake_run import fake_run

    fake_run(tmp_path / "runs", "demo", epochs=2, batches=10)
    status, output, _ = course("runs", "list")
    assert status == 0
    assert "demo" in output
    rows = json.loads(course("runs", "list", "--json")[1])
    assert (rows[0]["name"], rows[0]["state"], rows[0]["epoch"]) == ("demo", "done", 2)
    status, output, _ = course("runs", "show", "demo")
    assert status == 0
    assert "64 clips to train" in output
    shown = json.loads(course("runs", "show", "demo", "--json")[1])
    assert shown["history"]["val_loss"][0] is None
    assert shown["history"]["step"][-1] == 20
    assert [preview["step"] for preview in shown["previews"]] == [0, 1, 3, 10, 20]
    status, _, error = course("runs", "stop", "demo")
    assert status == 1
    assert "demo is done, so it cannot stop" in str(error)


def test_durations():
    assert [duration(seconds) for seconds in (0, 59.6, 125, 3725)] == ["0:00", "1:00", "2:05", "1:02:05"]
