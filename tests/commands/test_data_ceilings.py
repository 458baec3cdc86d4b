"""``course data ceilings``: one short measurement, and what it says of it."""

from __future__ import annotations

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from course_lib.commands.ceilings import TITLES, table
from course_lib.commands.data import app
from course_lib.evaluation import representations
from course_lib.evaluation.spectral import log_mel_distance


@pytest.fixture(scope="module")
def result() -> dict:
    answer = CliRunner().invoke(app, ["ceilings", "--strings", "1", "--no-librosa", "--json"])
    assert answer.exit_code == 0, answer.output
    return json.loads(answer.stdout)


def test_what_keeps_more_scores_higher(result):
    rows = result["rows"]
    assert list(rows) == list(TITLES)
    assert rows["magnitude_phase"]["stoi"] > 0.9999
    assert rows["magnitude_phase"]["log_mel_l1"] < 1e-4
    assert rows["stft"]["stoi"] > 0.97
    mel = [rows[name]["stoi"] for name in ("mel_80", "mel_40", "mfcc_20", "mfcc_13")]
    assert mel == sorted(mel, reverse=True)
    assert rows["mel_64"]["numbers"] == 128 * 64
    assert rows["mel_64"]["log_mel_l1"] < rows["mfcc_20"]["log_mel_l1"] < rows["mfcc_13"]["log_mel_l1"]
    assert result["settings"]["strings"] == 1
    assert "10 held-out digits" in result["protocol"]


def test_the_table_names_every_row_and_a_missing_pesq(result):
    import io

    from rich.console import Console

    rows = {name: row | {"pesq_nb": None} for name, row in result["rows"].items()}
    console = Console(file=io.StringIO(), width=160)
    console.print(table(result | {"rows": rows}))
    text = console.file.getvalue()
    for title in TITLES.values():
        assert title in text
    assert "pip install pesq" in text
    checked = {"stoi": 0.5, "pesq_nb": 2.5, "log_mel_l1": 0.25}
    console.print(table(result | {"rows": {"stft": result["rows"]["stft"] | {"librosa": checked}}}))
    assert "(0.500)" in console.file.getvalue()
    assert "plain librosa calls" in console.file.getvalue()


def test_plain_librosa_calls_agree():
    """An independent way through the same representation comes out near, and never much nearer."""
    t = np.arange(8192) / 8000
    y = (0.1 * np.sign(np.sin(2 * np.pi * 150 * t)) * np.hanning(8192)).astype(np.float32)
    own = representations.known(sr=8000, n_samples=8192)
    for name, slack in (("mu_law", 0.01), ("stft", 0.05), ("mel_40", 0.05)):
        theirs = log_mel_distance(y, representations.through_librosa(name, y, sr=8000), sr=8000)
        ours = log_mel_distance(y, own[name].decode(own[name].encode(y)), sr=8000)
        assert ours < theirs + slack, name
        assert theirs < 0.6, name
    assert representations.through_librosa("magnitude_phase", y, sr=8000) is None


def test_music_is_refused():
    answer = CliRunner().invoke(app, ["ceilings", "--dataset", "notes"])
    assert isinstance(answer.exception, ValueError)
    assert "notes is not speech" in str(answer.exception)
    answer = CliRunner().invoke(app, ["ceilings", "--dataset", "nonsense"])
    assert "unknown data set 'nonsense'; expected one of" in str(answer.exception)
