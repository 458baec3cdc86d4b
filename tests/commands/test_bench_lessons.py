"""``course bench [LESSON ...]``: what is printed, written, reused, refused; trainings are stand-ins."""

from __future__ import annotations

import io
import json
import os
import re
import shlex
import subprocess
import sys
import time
from pathlib import Path

import pytest
from rich.console import Console
from typer.main import get_command
from typer.testing import CliRunner

from course_lib import cli
from course_lib.commands.bench_plan import Outlook, words
from course_lib.commands.bench_progress import BenchProgress
from course_lib.training.scoreboard.entry import Entry
from course_lib.training.scoreboard.settings import Settings
from course_lib.training.store import RunStore

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests" / "training"))

from fake_lesson import SPEAKERS, Humming, Trainer, install  # noqa: E402

ONE, OTHER = SPEAKERS


@pytest.fixture
def trainer(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_RUNS", str(tmp_path / "runs"))
    # One line, however long: the tests look for words in it.
    monkeypatch.setenv("COLUMNS", "200")
    trainer = Trainer()
    install(monkeypatch, trainer)
    return trainer


def bench(*arguments: str):
    """Run ``course bench ...``: (exit status, standard output, standard error)."""
    result = CliRunner().invoke(cli.app, ["bench", *arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


def parsed(command: str) -> dict:
    """What the command line makes of a command that a figure carries."""
    program, *arguments = shlex.split(command)
    assert program == "course"
    context = get_command(cli.app).make_context("course", list(arguments))
    while getattr(context.command, "commands", None):
        name, command, rest = context.command.resolve_command(
            context, [*context._protected_args, *context.args]
        )
        context = command.make_context(name, rest, parent=context)
    return {"command": context.command.name, **context.params}


def test_alone_it_lists_the_lessons_and_trains_nothing(trainer, tmp_path):
    status, output, _ = bench()
    assert status == 0
    assert "2 trainings of 30 s on digits" in output
    assert "about 2 min on a quiet machine" in output
    for part in ("humming", "deaf", "3 bars", "course bench all", "course bench start | epoch | speed"):
        assert part in output
    assert not trainer.requests
    assert not (tmp_path / "runs").exists()


def test_a_missing_data_set_is_no_obstacle_to_the_list(trainer, monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "nothing"))
    monkeypatch.setattr(Humming, "dataset", "fsdd")
    status, output, _ = bench()
    assert status == 0
    assert "course data fetch fsdd" in output
    with pytest.raises(FileNotFoundError, match="'fsdd' is not on this machine"):
        bench("humming")


def test_a_plan_says_what_is_there_already(trainer):
    bench("humming", "--seeds", "1")
    status, output, _ = bench("humming", "--plan")
    assert status == 0
    assert "2 trainings of 30 s on digits (the data set's own test split held out, 2 seeds)" in output
    assert "1 of them and 1 of 2 scorings are there already; about 55 s" in output
    assert len(trainer.requests) == 1
    bench("humming")
    assert "nothing is left to do" in bench("humming", "--plan")[1]
    # A lesson that shares the trainings has only its scores to compute.
    assert "2 of them and 0 of 2 scorings are there already; about 10 s" in bench("deaf", "--plan")[1]


def test_a_lesson_that_reaches_its_bars_exits_0(trainer):
    status, output, errors = bench("humming")
    assert status == 0
    assert output.count("✓ met") == 3
    assert "✗" not in output
    # Over two seeds, 0.81 and 0.82, and the oracle without an error.
    assert "0.815 ± 0.007" in output
    assert "n/a" in output
    # A caption is as wide as its table.
    caption = " ".join(output.split())
    assert "%: of the way from noise to clean" in caption
    assert "standard deviation over seeds" in caption
    for condition in Humming.conditions:
        assert condition in output
    assert "[1 of 2] humming, the data set's own test split held out, seed 0: trains as bench-" in errors


def test_a_missed_bar_is_named_and_exits_1(trainer):
    status, output, errors = bench("humming", "deaf")
    assert status == 1
    assert "missed by deaf: STOI (white)" in errors
    assert "missed by humming" not in errors
    assert output.count("✗ missed") == 1


def test_a_failed_training_is_named_and_exits_1(trainer):
    trainer.fails = 1
    status, output, errors = bench("humming")
    assert status == 1
    assert "failed: humming, the data set's own test split held out, seed 1: run bench-" in errors
    assert "the loss is not a number" in output


def test_a_board_without_a_single_score_is_still_told(trainer, tmp_path):
    trainer.fails = 0
    files = [tmp_path / name for name in ("board.json", "board.md")]
    status, output, _ = bench("humming", "--seeds", "1", "--json", str(files[0]), "--markdown", str(files[1]))
    assert status == 1
    assert output.count("✗ missed") == 3
    assert "Each training" in output
    board = json.loads(files[0].read_text())["lessons"]["humming"]
    assert (board["summary"], board["passed"]) == ({}, False)
    assert "**failed**: run bench-autoencoder-digits-s0-001 failed: the loss is not a" in files[1].read_text()


def test_finished_trainings_and_scores_are_reused_and_it_says_so(trainer):
    first = bench("humming")
    count = len(Humming.scored)
    status, output, errors = bench("humming")
    assert (status, len(trainer.requests), len(Humming.scored)) == (0, 2, count)
    assert "reuses the finished training bench-autoencoder-digits-s0-001" in errors
    assert "reuses its scores" in errors
    without_how = [text.replace("trained", "").replace("reused", "").split() for text in (first[1], output)]
    assert without_how[0] == without_how[1]
    # Another question is another job.
    errors = bench("humming", "--strings", "3")[2]
    assert "scores anew, for since the last time changed: n" in errors
    assert (len(trainer.requests), len(Humming.scored)) == (2, count + 2)
    bench("humming", "--seconds", "20", "--seeds", "1")
    bench("humming", "--seed", "7", "--seeds", "1")
    bench("humming", "--set", "width=8", "--seeds", "1")
    bench("humming", "--holdout", ONE, "--seeds", "1")
    assert len(trainer.requests) == 6
    bench("humming", "--fresh")
    assert len(trainer.requests) == 8


def test_an_interrupted_board_goes_on(trainer, tmp_path):
    started = Trainer.__call__

    def interrupted(self, request, store):
        if len(self.requests) == 1:
            raise KeyboardInterrupt
        return started(self, request, store)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Trainer, "__call__", interrupted)
        result = CliRunner().invoke(cli.app, ["bench", "humming"])
    assert "stopped; the same command goes on from here" in result.stderr
    assert result.exit_code == 130
    status, _, _ = bench("humming", "--json", str(tmp_path / "board.json"))
    assert status == 0
    entries = json.loads((tmp_path / "board.json").read_text())["lessons"]["humming"]["entries"]
    assert [(e["training"], e["scoring"]) for e in entries] == [("reused", "reused"), ("trained", "scored")]


def test_a_killed_board_goes_on_with_the_training_it_was_at(trainer, tmp_path):
    program = [
        sys.executable,
        str(ROOT / "tests" / "training" / "fake_lesson.py"),
        str(tmp_path / "runs"),
        "humming",
    ]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    store = RunStore(tmp_path / "runs")
    with subprocess.Popen(program, env=environment, stdout=subprocess.DEVNULL) as process:
        end = time.monotonic() + 300
        try:
            while not (len(names := store.names()) == 2 and store.open(names[1]).status().state == "running"):
                assert process.poll() is None
                assert time.monotonic() < end
                time.sleep(0.05)
        finally:
            process.kill()
    assert store.open(names[1]).status().state == "stopped"
    status, _, errors = bench("humming")
    assert status == 0
    assert "[1 of 2] humming, the data set's own test split held out, seed 0: reuses its scores" in errors
    assert f"seed 1: goes on with {names[1]}" in errors
    assert [request.resume for request in trainer.requests] == [True]
    assert store.names() == names


def test_every_speaker_in_turn_and_the_lessons_own_task(trainer, tmp_path):
    path = tmp_path / "board.json"
    status, output, _ = bench(
        "humming", "--holdout", "own", "--holdout", ONE, "--holdout", OTHER, "--json", str(path)
    )
    assert status == 0
    # Judged by the lesson's own task, averaged over the speakers.
    board = json.loads(path.read_text())["lessons"]["humming"]
    assert board["summary_over"] == [ONE, OTHER]
    stoi = board["summary"]["white"]["model"]["stoi"]
    assert (stoi["mean"], stoi["over"], stoi["n"]) == (pytest.approx(0.865), "speakers", 2)
    assert board["bars"][0]["value"] == pytest.approx(0.815)
    assert "standard deviation of the means of 2 splits" in " ".join(output.split())
    assert "Each training" in output


def test_the_json_says_everything_and_every_command_in_it_runs(trainer, tmp_path):
    path = tmp_path / "board.json"
    bench("humming", "--holdout", f"{ONE},{OTHER}", "--set", "width=8", "--json", str(path))
    document = json.loads(path.read_text())
    assert {"schema", "command", "created", "machine", "versions", "passed", "lessons"} == set(document)
    board = document["lessons"]["humming"]
    for key in ("name", "title", "preset", "dataset", "seconds", "seeds", "protocol", "command", "entries"):
        assert board[key]
    assert board["unjudged"] == "the bars are for the data set's own test split held out"
    for rows in board["summary"].values():
        for row in rows.values():
            for metric, figure in row.items():
                assert metric in {"stoi", "si_sdr", "error"}
                assert parsed(figure["command"])["seeds"] == 2
                assert len(figure["values"]) == 2
                assert all(parsed(value["command"])["seeds"] == 1 for value in figure["values"])
    first, second = board["entries"]
    assert set(first) == {
        "holdout",
        "held_out",
        "seed",
        "command",
        "runs",
        "training",
        "scoring",
        "error",
        "result",
    }
    again = parsed(second["command"])
    assert again["command"] == "lessons"
    assert (again["names"], again["holdout"], again["seed"]) == (["humming"], [f"{ONE},{OTHER}"], 1)
    assert (again["dataset"], again["seconds"], again["set_"]) == ("digits", 30.0, ["width=8"])
    # It finds exactly this figure: nothing is trained, nothing is scored.
    trained, scored = len(trainer.requests), len(Humming.scored)
    single = tmp_path / "single.json"
    bench(*shlex.split(second["command"])[2:], "--json", str(single))
    assert (len(trainer.requests), len(Humming.scored)) == (trained, scored)
    (entry,) = json.loads(single.read_text())["lessons"]["humming"]["entries"]
    assert entry["result"] == second["result"]
    assert entry["command"] == second["command"]
    assert parsed(document["command"])["holdout"] == [f"{ONE},{OTHER}"]


def test_every_figure_on_the_terminal_has_a_footnote_that_runs(trainer):
    output = bench("humming")[1]
    commands = re.findall(r"^[¹²³⁴-⁹]+ (course bench .*)$", output, re.MULTILINE)
    assert len(commands) == 3
    assert {parsed(command)["seed"] for command in commands} == {0, 1}


def test_markdown_escapes_what_would_be_markup(trainer, tmp_path):
    path = tmp_path / "board.md"
    assert bench("humming", "--markdown", str(path), "--quick", "--seeds", "1")[0] == 0
    text = path.read_text()
    assert r"## Humming \| a lesson of \*tests\*" in text
    assert r"### babble\|six" in text
    tables = [line for line in text.splitlines() if line.startswith("|")]
    # No cell has let a border in: every line of a table has as many as its heading.
    widths = {len(re.findall(r"(?<!\\)\|", line)) for line in tables}
    assert widths == {6}
    assert r"the bars are for all ten-digit strings" in text
    notes = dict(re.findall(r"^\[\^(\d+)\]: `(.*)`$", text, re.MULTILINE))
    assert set(re.findall(r"\[\^(\d+)\](?!:)", text)) == set(notes)
    for command in notes.values():
        quick = parsed(command)
        assert (quick["dataset"], quick["seconds"], quick["strings"], quick["limit"]) == (
            "digits",
            10.0,
            2,
            256,
        )


def test_markdown_has_bars_intervals_and_every_training(trainer, tmp_path):
    path = tmp_path / "board.md"
    assert bench("humming", "deaf", "--markdown", str(path))[0] == 1
    text = path.read_text()
    assert "**missed**" in text
    assert text.count("| met |") == 4
    assert "95 % interval of the mean" in text
    assert "bench-autoencoder-digits-s1-001" in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["strat"],
            "unknown lesson 'strat'; expected humming, deaf, all, or one of the times: start, epoch, speed",
        ),
        (["humming", "start"], "unknown lesson 'start'"),
        (["humming", "--json", "/no/such/folder/a.json"], "--json expects a file in a folder that exists"),
        (["humming", "--markdown", "."], "--markdown expects a file"),
        (["humming", "--holdout", "nobody"], "unknown speaker nobody"),
        (["humming", "--set", "width"], "--set expects FIELD=VALUE"),
        (["humming", "--dataset", "mnist"], "unknown data set 'mnist'"),
        (["humming", "--limit", "8", "--set", "width=1"], "width must be a whole number from 2 to 1024"),
    ],
)
def test_wrong_words_are_refused_before_anything_is_trained(trainer, tmp_path, arguments, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        bench(*arguments)
    assert not (tmp_path / "runs").exists()


def test_all_and_options_without_a_lesson_mean_every_lesson(trainer):
    assert bench("all", "--plan")[1].count("trainings of") == 2
    assert bench("--seeds", "3", "--plan")[1].count("3 seeds") == 2


def test_a_table_that_is_too_wide_becomes_several(trainer, monkeypatch):
    monkeypatch.setenv("COLUMNS", "64")
    narrow = bench("humming", "--seeds", "1")[1]
    assert "0.810 ± 0.001" in narrow
    assert "8.1" in narrow
    assert "0.190" in narrow
    assert "…" not in narrow
    monkeypatch.setattr(Humming, "metrics", Humming.metrics * 3)
    assert "…" not in bench("humming", "--seeds", "1")[1]


def test_the_estimate_learns_from_what_was_done():
    now = [0.0]
    jobs = Settings(seeds=4).jobs(Humming())
    plan = [(job, Outlook(1, False, 100.0)) for job in jobs[:3]] + [(jobs[3], Outlook(0, True, 0.0))]
    progress = BenchProgress(plan, Console(file=io.StringIO()), clock=lambda: now[0])
    progress.begins(jobs[0])
    assert progress.seconds_left() == 300
    now[0] = 30.0
    assert progress.seconds_left() == 270
    # What is known of the present training counts more than its plan.
    assert progress.seconds_left(20.0) == 220
    now[0] = 50.0
    progress.ends(Entry(jobs[0], training="trained", scoring="scored"))
    progress.begins(jobs[1])
    assert progress.seconds_left() == 100
    # A training that failed at once says nothing of the others.
    progress.ends(Entry(jobs[1], error="no memory left"))
    progress.begins(jobs[2])
    assert progress.seconds_left() == 50
    now[0] = 500.0
    assert progress.seconds_left() == 0


def test_durations():
    seconds = (0.2, 40, 89, 91, 1500, 3540, 5100)
    assert [words(s) for s in seconds] == ["1 s", "40 s", "89 s", "2 min", "25 min", "59 min", "1 h 25 min"]


def test_help_is_the_groups_or_the_lessons(trainer):
    assert "start" in bench("--help")[1]
    assert "--holdout" in bench("humming", "--help")[1]
    assert "--skip-training" in bench("start", "--help")[1]
