"""How long a training takes: the sum of its parts, the parts themselves, and how near both come."""

from __future__ import annotations

import json

import pytest
from conftest import TINY
from typer.testing import CliRunner

from course_lib.cli import app
from course_lib.training.callbacks import checkpointing
from course_lib.training.forecast import costs as costs_module
from course_lib.training.forecast import forecast as forecast_module
from course_lib.training.forecast.costs import Costs
from course_lib.training.forecast.forecast import forecast
from course_lib.training.forecast.probe import measure
from course_lib.training.request import TrainingRequest
from course_lib.training.run import train
from course_lib.training.start import prepare_run
from course_lib.training.store import RunError, RunStore

FIELDS = {"limit_clips": 64, "overrides": TINY | {"network": "dense"}, "epochs": 30}
PARTS = Costs(
    start=9.0, first_step=2.0, step=0.1, held_out=0.5, preview=0.3, checkpoint=0.02, batches=10, epochs=4
)


def test_the_parts_add_up():
    # Rungs at 0, 1, 3, 10, 30; a checkpoint each of the four epochs, none being dearer than its share.
    expected = 2.0 + 39 * 0.1 + 4 * 0.5 + 5 * 0.3 + 4 * 0.02
    assert PARTS.training_seconds() == pytest.approx(expected)
    assert PARTS.training_seconds(1) == pytest.approx(2.0 + 0.9 + 0.5 + 4 * 0.3 + 0.02)
    assert costs_module.COST_RATIO == checkpointing.COST_RATIO


def test_dear_checkpoints_are_written_less_often():
    dear = Costs(**PARTS.as_dict() | {"checkpoint": 1.0, "epochs": 1000})
    training = dear.training_seconds() - 1000 * 0.1 * 10 - 1000 * 0.5
    assert training < 1000 * 1.0 / 10


@pytest.mark.parametrize("preset", ["autoencoder", "conditional_gan"])
def test_a_forecast_is_near_what_happens(tmp_path, preset):
    small = (
        {"width": 8, "critic_width": 8, "batch_size": 16} if preset != "autoencoder" else FIELDS["overrides"]
    )
    fields = FIELDS | {"preset": preset, "overrides": small}
    found = measure(fields)
    assert found.batches == 64 // (8 if preset == "autoencoder" else 16)
    run = prepare_run(TrainingRequest(name="run", **fields), RunStore(tmp_path))
    assert train(run) == "done", run.status().error
    # Seconds of tiny steps on a machine that does other things, too: far coarser than on a quiet one.
    assert 1 / 3 < found.training_seconds() / run.status().elapsed_s < 3


def test_a_process_of_its_own_measures_and_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_RUNS", str(tmp_path / "runs"))
    found = forecast(TrainingRequest(**FIELDS))
    assert (found.epochs, found.batches) == (30, 8)
    assert min(found.as_dict().values()) > 0
    assert not (tmp_path / "runs").exists()


def test_what_cannot_be_timed_is_said_at_once(monkeypatch):
    with pytest.raises(ValueError, match="colour"):
        forecast(TrainingRequest(overrides={"colour": "red"}))
    monkeypatch.setenv("KERAS_BACKEND", "abacus")
    with pytest.raises(RunError, match=r"timing autoencoder failed: .*abacus"):
        forecast(TrainingRequest(**FIELDS))


def test_the_doctor_prints_a_row_for_each_preset(monkeypatch):
    def fake(request):
        if request.preset == "vae":
            raise RunError("timing vae failed: no memory")
        return PARTS

    monkeypatch.setattr(forecast_module, "forecast", fake)
    done = CliRunner().invoke(app, ["doctor", "--time", "autoencoder", "--time", "vae", "--json"])
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert found["autoencoder"]["training_seconds"] == pytest.approx(PARTS.training_seconds())
    assert found["vae"] == {"error": "timing vae failed: no memory"}
    done = CliRunner().invoke(app, ["doctor", "--time", "autoencoder"])
    assert "100 ms" in done.output
    assert "0:0" in done.output
    done = CliRunner().invoke(app, ["doctor", "--time", "nothing"])
    assert "unknown preset" in str(done.exception)
