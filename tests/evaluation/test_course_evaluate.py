"""``course evaluate`` and the bench's table: what is printed, written, refused. No backend is imported."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pytest
import typer
from rich.console import Console
from typer.testing import CliRunner

from course_lib.audio.log_mel_spectrogram import LogMelSpectrogram
from course_lib.commands import evaluate, measurement, stopwatch
from course_lib.commands.measurement import Measurement
from course_lib.data import catalog, splits
from course_lib.evaluation.intelligibility import PESQ_MISSING
from course_lib.training.errors import RunError
from course_lib.training.lessons.registry import LESSONS
from course_lib.training.scoreboard import evaluations
from course_lib.training.store import RunStore

LESSON = LESSONS["autoencoder"]


class Halved:
    """A model without a network: what it reconstructs is half the truth."""

    latent_dim = 4

    def reconstruct(self, features: np.ndarray) -> np.ndarray:
        return 0.5 * features


@pytest.fixture(scope="module", autouse=True)
def fewer_clips():
    """A tenth of the bundled digits: the numbers do not matter here, the time does."""
    whole = splits.split

    def some(clips, holdout=None):
        train, test = whole(clips, holdout)
        return train.select(np.arange(0, len(train), 10)), test.select(np.arange(40))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(splits, "split", some)
        yield


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run as the command sees one, on the bundled digits."""
    clips = catalog.load("digits")
    train, _ = splits.split(clips)
    config = {
        "preset": "autoencoder",
        "hyperparameters": {"latent_dim": 4},
        "dataset": {"name": "digits", "sha256": clips.sha256, "train": len(train), "holdout": []},
    }
    representation = LogMelSpectrogram().fit(train.y[:100])
    return SimpleNamespace(
        name="halved",
        path=tmp_path_factory.mktemp("halved"),
        config=lambda: config,
        representation=lambda: representation,
        load_model=Halved,
        status=lambda: SimpleNamespace(state="done", epoch=3, epochs=3, step=6, elapsed_s=12.34),
        history=lambda: {"epoch": [0, 1, 2, 3], "seconds": [1.0, 4.0, 6.0, 12.34]},
    )


@pytest.fixture(scope="module")
def result(run):
    return evaluations.score(LESSON, run, n=2)


def _printed(*tables) -> str:
    console = Console(width=90, record=True, file=open("/dev/null", "w"))  # noqa: SIM115, PTH123
    console.print(*tables, sep="\n")
    return console.export_text()


def test_the_command_prints_json_and_leaves_it_in_the_run(run, tmp_path, monkeypatch):
    monkeypatch.setattr(RunStore, "open", lambda self, name: run)
    app = typer.Typer()
    app.command()(evaluate.evaluate)
    printed = CliRunner().invoke(app, ["halved", "--json", "--strings", "1"], catch_exceptions=False)
    assert printed.exit_code == 0
    result = json.loads(printed.stdout)
    assert result == json.loads((run.path / "evaluation.json").read_text())
    assert list(result["rows"]) == ["model", "pca_4", "pca_8", "ceiling", "mean"]
    assert (result["run"], result["dataset"], result["train_seconds"]) == ("halved", "digits", 12.3)
    assert result["facts"] == {"train_seconds": 12.3, "epochs": 3, "epoch_seconds": pytest.approx(4.17)}
    _, test = splits.split(catalog.load("digits"))
    half_is_missing = 0.5 * np.abs(run.representation().encode(test.y)).mean()
    assert result["rows"]["model"]["mae_features"] == pytest.approx(half_is_missing, rel=1e-4)
    assert [path.name for path in run.path.iterdir()] == ["evaluation.json"]


def test_the_table_names_its_protocol_and_directions(result):
    text = _printed(*evaluate.tables(result, LESSON, width=90))
    for words in ("STOI ↑", "log-mel ↓", "PCA, 4 numbers", "representation (ceiling)", "higher is better"):
        assert words in text
    assert "20 held-out digits" in text
    # The bars are FSDD's: a score on other data is not measured against them.
    assert "Bars" not in text
    assert "✓" not in text


def test_bars_are_shown_only_for_the_task_they_belong_to(result):
    fsdd = result | {
        "dataset": "fsdd",
        "held_out": "george",
        "settings": result["settings"] | {"components": 64},
    }
    row = fsdd["rows"]["model"]
    good = fsdd | {"rows": fsdd["rows"] | {"model": row | {"stoi": 0.89, "pesq_nb": 1.9}}}
    text = _printed(*evaluate.tables(good, LESSON, width=90))
    assert "0.890 ± " in text
    assert text.count("✓") == 1
    assert text.count("✗") == 1
    assert "STOI ≥ 0.880, PESQ-NB ≥ 2.00" in " ".join(text.split())
    assert not LESSON.fits(fsdd | {"held_out": "theo"})
    assert not LESSON.fits(fsdd | {"settings": {"components": 32}})


def test_a_missing_pesq_says_how_to_get_it(result):
    rows = {name: row | {"pesq_nb": None, "pesq_nb_se": None} for name, row in result["rows"].items()}
    without = result | {"rows": rows, "settings": result["settings"] | {"pesq": False}}
    assert PESQ_MISSING in _printed(*evaluate.tables(without, LESSON, width=90))
    with_it = without | {"settings": result["settings"] | {"pesq": True}}
    assert "n/a (silent)" in _printed(*evaluate.tables(with_it, LESSON, width=90))


def test_unknown_runs_and_unfinished_runs_are_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_RUNS", str(tmp_path))
    with pytest.raises(RunError, match="no run named nothing"):
        evaluate.evaluate("nothing")
    RunStore().create("waiting", {"preset": "autoencoder", "epochs": 7})
    with pytest.raises(
        RunError, match=r"run waiting is queued at epoch 0 of 7; wait for its end.*--unfinished"
    ):
        evaluate.evaluate("waiting")
    assert not (tmp_path / "waiting" / "evaluation.json").exists()


@pytest.mark.parametrize(
    ("state", "remedy"),
    [("failed", "course runs show r"), ("stopped", "course train --run r --resume"), ("running", "its end")],
)
def test_the_remedy_depends_on_the_state(state, remedy):
    unfinished = SimpleNamespace(name="r", status=lambda: SimpleNamespace(state=state, epoch=1, epochs=9))
    with pytest.raises(RunError, match=remedy):
        evaluate.require_done(unfinished)
    evaluate.require_done(unfinished, unfinished=True)


def test_another_edition_of_the_data_is_refused(run):
    config = run.config() | {"dataset": run.config()["dataset"] | {"sha256": "f" * 64}}
    other = SimpleNamespace(**vars(run) | {"config": lambda: config})
    with pytest.raises(RunError, match=r"another edition of digits \(ffffffffffff, here"):
        evaluations.score(LESSON, other)


def test_a_model_that_reconstructs_nothing_is_named(run):
    other = SimpleNamespace(**vars(run) | {"load_model": dict})
    with pytest.raises(RunError, match="holds a dict, which reconstructs nothing"):
        evaluations.score(LESSON, other)


def test_a_measurement_meets_its_bar_from_the_right_side():
    assert Measurement("a", 3.9, bar=4).met is True
    assert Measurement("a", 4.1, bar=4).met is False
    assert Measurement("b", 0.85, "", 0.84, at_least=True).met is True
    assert Measurement("b", 0.83, "", 0.84, at_least=True).met is False
    assert Measurement("c", 9).met is None
    # A number that could not be measured does not pass.
    rows = [Measurement("a", None, bar=4), Measurement("b", 1, bar=2), Measurement("c", 9)]
    assert measurement.missed(rows) == ["a"]
    text = _printed(measurement.table(rows, title="Times"))
    assert "n/a" in text
    assert "✗ missed" in text
    assert "✓ met" in text


def test_an_epoch_is_the_median_after_the_first():
    history = {"epoch": [0, 0, 1, 2, 3, 4], "seconds": [0.5, 1.0, 9.0, 12.0, 15.5, 40.0]}
    row = stopwatch.epoch(history, 2500, bar=True)
    assert row.value == 3.5
    assert row.met is True
    assert "2,500 clips" in row.note
    assert stopwatch.epoch({"epoch": [0, 1], "seconds": [1, 9]}, 10, bar=True).met is None
    assert stopwatch.epoch(history, 10, bar=False).bar is None


def test_help_is_timed_as_a_process():
    help_time, import_time = stopwatch.command_line(repeats=1)
    assert 0.02 < help_time.value < 20
    assert import_time.value < help_time.value + 1
    assert help_time.bar == 0.5


@pytest.mark.browser
def test_an_error_page_does_not_pass_for_a_fast_studio(tmp_path):
    """It paints within milliseconds; the bench must say that it is not the studio."""
    import http.server
    import shutil
    import threading

    if not shutil.which("chromium"):
        pytest.skip("no Chromium on this machine")
    pytest.importorskip("playwright", reason="playwright is not installed")
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), lambda *args: http.server.SimpleHTTPRequestHandler(*args, directory=tmp_path)
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        (row,) = stopwatch.first_paint(f"http://127.0.0.1:{server.server_port}/studio", repeats=1)
    finally:
        server.shutdown()
        server.server_close()
    assert row.value is None
    assert "answers 404" in row.note
    assert measurement.missed([row]) == ["first paint of the studio"]
