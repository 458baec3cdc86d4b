"""``course listen results``: the analysis of a folder or a CSV file, printed and as JSON."""

from __future__ import annotations

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from course_lib.cli import app
from course_lib.evaluation.listening import ListeningError, ListeningTest, read_csv


def _run(*arguments):
    words = [str(argument) for argument in arguments]
    return CliRunner().invoke(app, ["listen", "results", *words], env={"COLUMNS": "120"})


def _make(folder, kind: str, systems: tuple[str, ...], **options) -> ListeningTest:
    rng = np.random.default_rng(0)
    items = {item: {name: 0.1 * rng.normal(size=800) for name in systems} for item in ("seven", "two")}
    return ListeningTest.create(folder, kind=kind, items=items, **options)


def _sit(test: ListeningTest, choose) -> str:
    """One listener, whose answers ``choose`` makes of (trial, label of the true answer or None)."""
    session = test.start()
    while not session.finished:
        trial = session.current()
        session.answer(trial["number"], choose(session, trial))
    return session.listener


def _right(session, trial):
    wav = {label: session.wav(token) for label, token in trial["sounds"].items()}
    return "A" if wav["A"] == wav["X"] else "B"


def _reference(session, trial):
    wav = {label: session.wav(token) for label, token in trial["sounds"].items()}
    return {label: 100 if wav[label] == wav["reference"] else 30 for label in trial["answers"]}


def test_abx_names_who_hears_and_who_waits(tmp_path):
    test = _make(tmp_path / "t", "abx", ("original", "codec"), repeats=8)
    sharp = _sit(test, _right)
    test.start()
    printed = _run(test.folder, "--csv", tmp_path / "out.csv")
    assert printed.exit_code == 0
    for words in (sharp, "16 of 16", "< 0.001", "codec / original", "seven", "exact one-sided binomial test"):
        assert words in printed.stdout
    assert "1 of 2 listeners have not finished" in printed.stdout
    assert "No difference was shown" not in printed.stdout
    assert read_csv(tmp_path / "out.csv") == test.rows()
    found = json.loads(_run(tmp_path / "out.csv", "--json").stdout)
    assert found["listeners"][sharp]["p"] == pytest.approx(0.5**16)


def test_a_negative_result_says_what_it_could_have_shown(tmp_path):
    test = _make(tmp_path / "t", "abx", ("original", "codec"), repeats=2)
    _sit(test, lambda session, trial: "AB"[_right(session, trial) == "A"])
    text = " ".join(_run(test.folder).stdout.split())
    assert "too few trials" in text
    assert "No difference was shown. That is not to say that there is none: 4 trials are too few" in text


def test_preference_shows_ties_and_places(tmp_path):
    test = _make(tmp_path / "t", "preference", ("old", "new"), repeats=8)
    _sit(test, lambda session, trial: "A")
    text = _run(test.folder).stdout
    assert "new / old" in text
    assert "A was chosen in 16 of 16 decided trials: the place mattered" in text
    tied = _make(tmp_path / "u", "preference", ("old", "new"))
    _sit(tied, lambda session, trial: "tie")
    assert "n/a" in _run(tied.folder).stdout
    assert json.loads(_run(tied.folder, "--json").stdout)["pairs"][0]["share"] is None


def test_mushra_sorts_scores_and_names_who_was_left_out(tmp_path):
    test = _make(tmp_path / "t", "mushra", ("reference", "codec"))
    for _ in range(3):
        _sit(test, _reference)
    careless = _sit(test, lambda session, trial: dict.fromkeys(trial["answers"], 50))
    text = _run(test.folder).stdout
    assert "Scores: 3 listeners, 2 items" in text
    lines = text.splitlines()
    order = [name for line in lines for name in ("reference", "codec") if line.strip().startswith(f"{name} ")]
    assert order[:2] == ["reference", "codec"]
    assert f"Left out: {careless} (hidden reference below 90 in 2 of 2 items)." in text
    assert "+70.0" in text or "-70.0" in text
    assert "Scores: 4 listeners" in _run(test.folder, "--no-screening").stdout


@pytest.mark.parametrize("what", ["absent", "empty", "unfinished"])
def test_what_has_no_results_is_named(tmp_path, what):
    if what == "empty":
        (tmp_path / "t").mkdir()
    elif what == "unfinished":
        _make(tmp_path / "t", "abx", ("original", "codec")).start()
    failed = _run(tmp_path / "t")
    assert failed.exit_code == 1
    kind, message = {
        "absent": (FileNotFoundError, "no folder of a test and no CSV file at"),
        "empty": (ListeningError, r"has no test\.json; expected the folder of a test"),
        "unfinished": (ListeningError, "no listener has finished the test yet"),
    }[what]
    with pytest.raises(kind, match=message):
        raise failed.exception
