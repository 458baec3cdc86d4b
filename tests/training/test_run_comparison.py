"""Runs side by side: which settings differ, how they went, and what may not be compared."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from course_lib.cli import app
from course_lib.plotting.compared_curves import compared_curves
from course_lib.training.comparison import compare_runs
from course_lib.training.durable import write_json
from course_lib.training.store import RunStore

sys.path.insert(0, str(Path(__file__).parent))

from fake_run import fake_run


@pytest.fixture
def store(tmp_path, monkeypatch) -> RunStore:
    root = tmp_path / "runs"
    monkeypatch.setenv("COURSE_RUNS", str(root))
    first = fake_run(root, "first", epochs=2, batches=10, limit=16)
    second = fake_run(root, "second", epochs=3, batches=10, limit=16)
    write_json(first.path / "evaluation.json", {"rows": {"model": {"stoi": 0.8, "stoi_se": 0.1}}})
    write_json(
        second.path / "evaluation.json",
        {"rows": {"white": {"model": {"stoi": 0.7}, "noisy": {"stoi": 0.5}}, "model": {"stoi": 0.9}}},
    )
    return RunStore(root)


def test_what_differs_and_how_it_went(store):
    found = compare_runs([store.open("first"), store.open("second")])
    assert found.names == ["first", "second"]
    assert found.settings == {"epochs": [2, 3]}
    assert found.progress["steps"] == [20, 30]
    assert found.progress["state"] == ["done", "done"]
    assert found.progress["best_val_loss"][0] == pytest.approx(store.open("first").best_val_loss())
    assert found.scores == {"stoi": [0.8, 0.9], "white: stoi": [None, 0.7]}
    assert found.warnings == []


def test_other_presets_and_other_data_are_warned_of(store):
    second = store.open("second")
    config = second.config()
    config["preset"] = "vae"
    config["dataset"]["holdout"] = ["theo"]
    write_json(second.path / "config.json", config)
    found = compare_runs([store.open("first"), second])
    assert found.settings["preset"] == ["autoencoder", "vae"]
    assert found.settings["dataset.holdout"] == [[], ["theo"]]
    assert [warning.split(",")[0] for warning in found.warnings] == [
        "these runs have different presets or representations",
        "these runs heard different data; neither losses nor scores tell the models apart",
    ]


def test_one_run_is_nothing_to_compare(store):
    run = store.open("first")
    for runs in ([run], [run, run]):
        with pytest.raises(ValueError, match="name at least two different runs to compare"):
            compare_runs(runs)


def test_the_command_prints_draws_and_writes_json(store, tmp_path):
    course = CliRunner()
    figure = tmp_path / "out" / "curves.png"
    done = course.invoke(app, ["runs", "compare", "first", "second", "--figure", str(figure)])
    assert done.exit_code == 0, done.output
    assert "epochs" in done.output
    assert figure.read_bytes()[:4] == b"\x89PNG"
    done = course.invoke(app, ["runs", "compare", "first", "second", "--json"])
    assert json.loads(done.stdout)["settings"] == {"epochs": [2, 3]}


def test_every_training_has_its_line_in_the_picture(store):
    histories = {name: store.open(name).history() for name in ("first", "second")}
    histories["second"]["val_loss"] = [float("nan")] * len(histories["second"]["loss"])
    figure = compared_curves(histories, x="seconds")
    (axes,) = figure.axes
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["first", "second (training loss)"]
    assert len({str(line.get_linestyle()) for line in axes.lines}) == 2
    with pytest.raises(ValueError, match="x must be one of step, epoch, seconds; received 'days'"):
        compared_curves(histories, x="days")
    with pytest.raises(ValueError, match="expected one to 8 trainings; received 0"):
        compared_curves({})
