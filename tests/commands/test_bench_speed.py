"""``course bench speed``: ratios by turns, the usual way's code, the table. No time itself is asserted."""

from __future__ import annotations

import itertools
import json
import shlex
import sys
from pathlib import Path

import numpy as np
import pytest
from typer.main import get_command
from typer.testing import CliRunner

from course_lib import cli
from course_lib.commands import bench_speed, stopwatch
from course_lib.commands.bench_speed_report import markdown
from course_lib.commands.measurement import Measurement
from course_lib.commands.speed import process, usual
from course_lib.commands.speed.comparison import Comparison, of_rates, of_times
from course_lib.commands.speed.turns import Turns, by_turns

STEPS = {
    "step": {"ours": [0.1, 0.2, 0.1], "usual": [0.4, 0.6, 0.5]},
    "epoch": {"ours": [1.0, 1.0], "usual": [6.0, 8.0]},
    "plain": {"ours": [1.0, 1.0], "usual": [0.9, 0.8]},
    "parameters": 1_000_000,
    "usual_parameters": 1_001_000,
    "batch_size": 64,
    "clips": 64,
    "held_out": 64,
}


def test_turns_stand_side_by_side_and_alternate():
    order, now = [], itertools.count()
    # The clock moves one second at each look; the usual way takes two looks more.
    found = by_turns(
        lambda: order.append("ours"),
        lambda: (order.append("usual"), next(now), next(now)),
        turns=3,
        clock=lambda: next(now),
    )
    assert order == ["ours", "usual", "ours", "usual", "usual", "ours", "ours", "usual"]
    assert (found.ours, found.usual) == ((1, 1, 1), (3, 3, 3))
    assert found.ratio == 3


def test_a_turn_in_which_the_machine_was_busy_does_not_move_the_ratio():
    turns = Turns((1.0, 1.0, 50.0), (4.0, 5.0, 40.0))
    assert turns.ratio == 4.0
    row = of_times("a", turns, how="so", scale=1000, unit="ms")
    assert (row.ours, row.usual, row.ratio, row.low, row.high) == (1000, 5000, 4.0, 0.8, 5.0)
    rate = of_rates("b", Turns((0.5,), (2.0,)), count=10, unit="clips/s", how="so")
    assert (rate.ours, rate.usual, rate.ratio) == (20, 5, 4)


def test_a_bar_is_about_the_ratio():
    assert Comparison("a", 1, 4, "s", 4.0, bar=4.0).met is True
    assert Comparison("a", 1, 4, "s", 3.9, bar=4.0).met is False
    assert Comparison("a", 1, 4, "s", 3.9).met is None
    assert Comparison("a", 1, None, "s", bar=4.0).met is False


def test_the_usual_network_learns():
    model = usual.conv2d_autoencoder((32, 16), 8, filters=2)
    # Tracing graphs would take longer than everything that is computed here.
    model.run_eagerly = True
    x = np.random.default_rng(0).standard_normal((8, 32, 16), np.float32)
    before = model.get_layer("latent").get_weights()[0].copy()
    loss = usual.train_epoch(model, x, x[:4], batch_size=4, rng=np.random.default_rng(0))
    assert np.isfinite(loss)
    assert np.abs(model.get_layer("latent").get_weights()[0] - before).max() > 0


@pytest.mark.parametrize("shape", [(128, 64), (129, 65), (63, 257)])
def test_the_usual_network_gives_back_its_shape(shape):
    assert usual.conv2d_autoencoder(shape, 8, filters=2).output_shape == (None, *shape, 1)


@pytest.mark.parametrize("wanted", [100_000, 700_000])
def test_the_usual_network_is_as_large_as_its_rival(wanted):
    model = usual.conv2d_autoencoder_of_size((128, 64), wanted, 32)
    assert model.count_params() == pytest.approx(wanted, rel=0.08)


def test_the_usual_features_and_pictures(tmp_path):
    import librosa

    y = np.random.default_rng(0).standard_normal((3, 4096)).astype(np.float32)
    options = {"sr": 8000, "n_fft": 256, "hop_length": 64}
    features = usual.features(y, n_mels=40, **options)
    assert features.shape == (3, 65, 40)
    assert features.mean() == pytest.approx(0, abs=1e-5)
    assert features.std() == pytest.approx(1, abs=1e-5)
    powers = [librosa.feature.melspectrogram(y=y[0], n_mels=40, **options)]
    usual.preview(tmp_path, powers, **options)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0.png", "0.wav"]
    history = {"step": [1, 2], "loss": [1.0, 0.5], "val_loss": [float("nan"), 0.6]}
    assert usual.redraw(history).startswith(b"\x89PNG")


@pytest.mark.slow
def test_a_training_is_measured_by_turns_with_the_others(monkeypatch):
    """Everything real but for its size, and for the rival, which is not compiled."""
    from course_lib.commands.speed import steps
    from course_lib.training.presets import PRESETS

    whole = PRESETS["autoencoder"].parse
    tiny = {"network": "conv1d", "width": 16, "latent_dim": 16, "batch_size": 16}
    monkeypatch.setattr(
        PRESETS["autoencoder"], "parse", lambda overrides=None: whole(tiny | dict(overrides or {}))
    )
    rival = usual.conv2d_autoencoder((128, 64), 8, filters=2)
    rival.run_eagerly = True
    monkeypatch.setattr(usual, "conv2d_autoencoder_of_size", lambda shape, parameters: rival)
    found = steps.measure("autoencoder", dataset="digits", clips=16, turns=1, steps=2)
    for name in ("step", "epoch", "plain"):
        assert len(found[name]["ours"]) == len(found[name]["usual"]) == 1
        assert min(*found[name]["ours"], *found[name]["usual"]) > 0
    assert found["epoch"]["ours"] == found["plain"]["ours"]
    assert (found["clips"], found["held_out"], found["batch_size"]) == (16, 16, 16)
    assert found["usual_parameters"] == rival.count_params()


def test_what_fails_in_its_process_is_told():
    with pytest.raises(RuntimeError, match="measuring nonsense failed: KeyError: 'nonsense'"):
        list(process.measured(what="nonsense"))


@pytest.fixture
def speed(monkeypatch, tmp_path):
    """Run ``course bench speed``; trainings and processes are stand-ins."""
    jobs = []

    def measured(**job):
        jobs.append(job)
        if job["what"] == "steps":
            yield from (STEPS | {"preset": preset} for preset in job["presets"])
            return
        yield {"import_seconds": {"ours": 6.0, "usual": 12.0}[job["what"]], "peak_bytes": 2**30}

    monkeypatch.setattr(process, "measured", measured)
    monkeypatch.setattr(stopwatch, "command_line", lambda repeats: [Measurement("course --help", 0.4)])
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments):
        result = CliRunner().invoke(cli.app, ["bench", "speed", *arguments])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result, jobs

    return run


def test_the_whole_table(speed, tmp_path):
    from course_lib.training.presets import PRESETS

    path, page = tmp_path / "speed.json", tmp_path / "speed.md"
    result, jobs = speed("--quick", "--json", str(path), "--markdown", str(page))
    content = json.loads(path.read_text())
    rows = {row["name"]: row for row in content["measurements"]}
    assert result.exit_code == (0 if content["passed"] else 1)
    assert [job["presets"] for job in jobs if job["what"] == "steps"] == [list(PRESETS)]
    for preset in PRESETS:
        assert rows[f"{preset}: one step"]["ratio"] == 4.0
        assert rows[f"{preset}: one step"]["ours"] == pytest.approx(100)
        assert rows[f"{preset}: one epoch"]["ratio"] == 7.0
        assert rows[f"{preset}: one epoch, same network"]["ratio"] == pytest.approx(0.85)
        assert rows[f"{preset}: one epoch"]["command"].endswith(f"--preset {preset} --dataset digits --quick")
    assert rows["imports before a training"]["ratio"] == 2.0
    assert rows["peak memory of a training"]["ours"] == 1024
    assert rows["course --help"]["usual"] is None
    for name in ("features, log-mel", "Griffin-Lim, 32 iterations", "previews", "a live curve's next point"):
        assert rows[name]["ratio"] > 0
        assert rows[name]["how"]
    assert rows["features, log-mel"]["bar"] == 4
    # Each figure's command is one that the command line takes, and measures that figure.
    for row in rows.values():
        program, *arguments = shlex.split(row["command"])
        assert program == "course"
        context = get_command(cli.app).make_context("course", list(arguments))
        bench = context.command.commands["bench"]
        context = bench.make_context("bench", [*context._protected_args, *context.args][1:], parent=context)
        taken = bench.commands["speed"].make_context("speed", list(context.args), parent=context)
        assert len(taken.params["only"]) == 1
        assert taken.params["quick"] is True
    notes = page.read_text()
    assert notes.count("[^") == notes.count("course bench speed --only") + len(rows) - 0
    assert all(row["command"] in result.stdout for row in rows.values())


def test_a_missed_ratio_is_named_and_exits_1(speed, monkeypatch):
    slow = Comparison("features, log-mel", 1.0, 3.0, "clips/s", 3.0, bar=4.0, how="so")
    monkeypatch.setitem(bench_speed._MEASURES, "features", lambda dataset, quick: iter([slow]))
    result, _ = speed("--only", "features")
    assert result.exit_code == 1
    assert "missed: features, log-mel" in result.stderr
    assert "✗" in result.stdout


def test_a_preset_that_cannot_be_measured_says_why_and_exits_1(speed, monkeypatch):
    failed = {"preset": "autoencoder", "error": "no memory left"}
    monkeypatch.setattr(process, "measured", lambda **job: iter([failed]))
    result, _ = speed("--only", "training", "--preset", "autoencoder")
    assert result.exit_code == 1
    assert "not measured: autoencoder: one step (not measured: no memory left)" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--only", "colour"], "--only expects one of training, features, griffin_lim"),
        (["--preset", "cnn"], "--preset expects one of autoencoder"),
        (["--json", "/no/such/folder/a.json"], "--json expects a file in a folder that exists"),
    ],
)
def test_wrong_words_are_refused_before_anything_is_measured(speed, arguments, message):
    with pytest.raises(ValueError, match=message):
        speed(*arguments)


def test_markdown_escapes():
    row = Comparison("a|b *c*", 1.0, 2.0, "s", 2.0, 1.5, 2.5, how="x_y <z>", command="course bench speed")
    text = markdown([row], "course bench speed", "here")
    assert r"a\|b \*c\*" in text
    assert r"x\_y \<z\>" in text
    assert "2 × (1.5 to 2.5)" in text
    assert "[^1]: `course bench speed`" in text


def test_the_command_needs_no_backend():
    code = (
        "import sys, course_lib.commands.bench, course_lib.commands.bench_speed_report; "
        "print(sorted({'keras', 'numpy', 'librosa', 'tensorflow'} & set(sys.modules)))"
    )
    import subprocess

    child = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert child.stdout.strip() == "[]"
