"""``course data encode``: what it keeps, what it says, and a rehearsal that leaves nothing."""

from __future__ import annotations

import json

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from course_lib.commands.encode import encode

app = typer.Typer()
app.command()(encode)


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def run(*arguments: str):
    return CliRunner().invoke(app, list(arguments))


def test_features_are_kept_and_read_the_second_time(cache):
    from course_lib.audio.mu_law import MuLaw
    from course_lib.data import catalog

    first = run("digits", "--representation", "mu_law", "--json")
    assert first.exit_code == 0, first.output
    result = json.loads(first.stdout)
    assert not result["cached"]
    assert result["shape"] == [128, 64]
    clips = catalog.load("digits")
    assert result["clips"] == len(clips)
    assert result["bytes"] == len(clips) * 128 * 64 * 4
    # The peak is this whole process's, other tests included; what the command alone needs is tested apart.
    assert result["peak_bytes"] > 50e6
    np.testing.assert_array_equal(np.load(result["path"]), MuLaw().encode(clips.y))
    second = run("digits", "--representation", "mu_law")
    assert "128 × 64" in second.stdout
    assert "read from the cache in" in second.stdout
    assert "kept in" in second.stdout


def test_a_rehearsal_keeps_nothing(cache):
    answer = run("--generated", "70", "--representation", "mu_law")
    assert answer.exit_code == 0, answer.output
    assert "generated: 70 clips as mu_law" in answer.stdout
    assert "encoded in this process" in answer.stdout
    assert "one epoch of shuffled batches" in answer.stdout
    assert "kept in" not in answer.stdout
    assert not list(cache.rglob("*.npy"))


@pytest.mark.slow
def test_on_worker_processes():
    result = json.loads(run("--generated", "200", "--workers", "1", "--json").stdout)
    assert (result["clips"], result["where"], result["cached"]) == (200, "in 1 worker process", False)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "name one data set, or rehearse with --generated COUNT"),
        (("digits", "--generated", "5"), "name one data set, or rehearse"),
        (("nonsense",), "unknown data set 'nonsense'; expected one of"),
        (("--generated", "5", "--representation", "mel"), "unknown representation 'mel'; expected one of"),
        (("--generated", "5", "--workers", "2", "--cluster", "tcp://127.0.0.1:9"), "has its own workers"),
    ],
)
def test_mistakes_are_explained(arguments, message):
    answer = run(*arguments)
    assert isinstance(answer.exception, ValueError)
    assert message in str(answer.exception)
