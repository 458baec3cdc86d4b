"""Sweeps: the grid, the plan, the table and the figure; the trainings themselves in test_sweep_cluster."""

from __future__ import annotations

import csv
import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from course_lib.cli import app
from course_lib.plotting.sweep import sweep_figure
from course_lib.training.presets import get_preset
from course_lib.training.request import TrainingRequest
from course_lib.training.status import read_status, write_status
from course_lib.training.store import RunError, RunStore
from course_lib.training.sweep.engine import unfinished
from course_lib.training.sweep.grid import check_points, parse_grid, points
from course_lib.training.sweep.plan import open_sweep, plan_sweep
from course_lib.training.sweep.results import draw_results, results, write_results

sys.path.insert(0, str(Path(__file__).parent))

from fake_run import fake_run

GRID = {"latent_dim": ["8", "16"], "width": ["16", "32", "64"]}


@pytest.fixture
def store(tmp_path) -> RunStore:
    return RunStore(tmp_path / "runs")


def test_a_grid_is_every_combination():
    assert parse_grid(["latent_dim=8, 16", "width=16,32,64"]) == GRID
    assert len(points(GRID)) == 6
    assert points(GRID)[1] == {"latent_dim": "8", "width": "32"}
    assert points({}) == [{}]


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        (["latent_dim"], "--grid expects FIELD=VALUE,VALUE, such as latent_dim=8,16; received 'latent_dim'"),
        (["latent_dim=8,,16"], "--grid expects FIELD=VALUE,VALUE"),
        (["=8"], "--grid expects"),
        (["width=8", "width=16"], "--grid names width twice; put its values into one: width=A,B"),
        (["width=8,8"], "--grid gives width a value twice; received 8,8"),
    ],
)
def test_a_grid_that_is_none(pairs, message):
    with pytest.raises(ValueError, match=message):
        parse_grid(pairs)


def test_a_wrong_value_is_refused_before_anything_is_written(store):
    preset = get_preset("autoencoder")
    with pytest.raises(ValueError, match="latent_dim"):
        check_points(preset, {"latent_dim": ["8", "-1"]}, {})
    with pytest.raises(ValueError, match="width is in --grid and in --set"):
        check_points(preset, {"width": ["8"]}, {"width": "9"})
    with pytest.raises(ValueError, match="the grid has 1600 combinations; 1000 is the most"):
        check_points(
            preset, {"width": list(map(str, range(4, 44))), "latent_dim": list(map(str, range(4, 44)))}, {}
        )
    with pytest.raises(ValueError, match="colour"):
        plan_sweep(TrainingRequest(), {"colour": ["red"]}, store)
    assert not store.root.exists()


def test_a_plan_is_kept_and_read_again(store):
    request = TrainingRequest(name="dims", epochs=2, limit_clips=16, seed=3, overrides={"batch_size": "8"})
    sweep = plan_sweep(request, GRID, store, seeds=2)
    assert [run.name for run in sweep.runs][:2] == ["dims-001", "dims-002"]
    assert len(sweep.runs) == 12
    assert sweep.columns == ["latent_dim", "width", "seed"]
    again = open_sweep("dims", store)
    assert again == sweep
    fields = again.request_of(again.runs[1])
    assert fields["seed"] == 4
    assert fields["overrides"] == {"batch_size": "8", "latent_dim": "8", "width": "16"}
    assert TrainingRequest.checked(**fields).name == "dims-002"
    with pytest.raises(RunError, match="a sweep named dims exists"):
        plan_sweep(request, GRID, store)
    with pytest.raises(RunError, match=r"no sweep named other .* there are: dims"):
        open_sweep("other", store)
    assert store.names() == [], "a sweep is no run"
    assert plan_sweep(TrainingRequest(), GRID, store).name == "sweep-autoencoder-001"


def test_what_is_finished_is_not_done_again(store):
    sweep = plan_sweep(TrainingRequest(name="dims"), {"width": ["16", "32", "64"]}, store)
    assert len(unfinished(sweep, store)) == 3
    fake_run(store.root, "dims-001", epochs=1, batches=10, limit=16)
    halted = fake_run(store.root, "dims-003", epochs=1, batches=10, limit=16)
    write_status(halted.path, replace(read_status(halted.path), state="stopped"))
    assert [run.name for run in unfinished(sweep, store)] == ["dims-002", "dims-003"]


def test_results_are_one_table_and_one_figure(store):
    sweep = plan_sweep(TrainingRequest(name="dims"), {"width": ["64", "16"], "latent_dim": ["8"]}, store)
    assert draw_results(sweep, store) is None
    fake_run(store.root, "dims-001", epochs=1, batches=10, limit=16)
    rows = results(sweep, store)
    assert rows[0]["state"] == "done"
    assert rows[0]["best_val_loss"] > 0
    assert rows[1] == {"run": "dims-002", "width": "16", "latent_dim": "8", "state": "waiting"}
    with write_results(sweep, store).open() as file:
        table = list(csv.DictReader(file))
    assert [row["width"] for row in table] == ["64", "16"]
    assert float(table[0]["best_val_loss"]) == rows[0]["best_val_loss"]
    assert draw_results(sweep, store).read_bytes()[:4] == b"\x89PNG"


def test_the_figure_sorts_numbers_and_means_over_seeds():
    rows = [
        {"width": "64", "beta": "1", "loss": 0.4},
        {"width": "8", "beta": "1", "loss": 0.6},
        {"width": "8", "beta": "1", "loss": 0.8},
        {"width": "8", "beta": "2", "loss": 0.9},
    ]
    figure = sweep_figure(rows, ["width", "beta"], value="loss", ylabel="loss", title="t")
    (axes,) = figure.axes
    assert [text.get_text() for text in axes.get_xticklabels()] == ["8", "64"]
    first = axes.lines[0]
    assert list(first.get_ydata()) == pytest.approx([0.7, 0.4])
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["beta = 1", "beta = 2"]
    with pytest.raises(ValueError, match="needs a result and a setting"):
        sweep_figure([], ["width"], value="loss", ylabel="loss", title="t")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--grid", "width=8"], "say what to train: course sweep autoencoder |"),
        (["autoencoder"], "say what to vary: --grid latent_dim=8,16,32, or --seeds 3"),
        (["autoencoder", "--grid", "width=x"], "width"),
        (["--resume", "none"], "no sweep named none"),
        (["autoencoder", "--resume", "none"], "leave preset and --grid out"),
    ],
)
def test_the_command_says_what_is_wrong(tmp_path, monkeypatch, arguments, message):
    monkeypatch.setenv("COURSE_RUNS", str(tmp_path / "runs"))
    done = CliRunner().invoke(app, ["sweep", *arguments])
    assert done.exit_code != 0
    assert message in str(done.exception)
    assert not (tmp_path / "runs").exists()


def test_a_finished_sweep_only_prints_its_results(store, monkeypatch):
    monkeypatch.setenv("COURSE_RUNS", str(store.root))
    plan_sweep(TrainingRequest(name="dims"), {"width": ["16"]}, store)
    fake_run(store.root, "dims-001", epochs=1, batches=10, limit=16)
    done = CliRunner().invoke(app, ["sweep", "--resume", "dims"])
    assert done.exit_code == 0, done.output
    assert "dims: 1 of 1 trainings finished" in done.output
    assert (store.root / "sweeps" / "dims" / "results.csv").is_file()
    assert json.loads((store.root / "sweeps" / "dims" / "sweep.json").read_text())["schema"] == 1
