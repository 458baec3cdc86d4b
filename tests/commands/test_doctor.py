"""``course doctor`` finds what is wrong and says what to do."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from course_lib.cli import app
from course_lib.commands import findings

runner = CliRunner()


@pytest.fixture(scope="module")
def report():
    result = runner.invoke(app, ["doctor", "--json"])
    return result.exit_code, json.loads(result.stdout)


def test_every_subject_is_looked_at(report):
    code, seen = report
    subjects = {finding["name"] for finding in seen["findings"]}
    wanted = {"Python", "Backend", "GPU", "Memory", "Disk", "Codecs", "Spoken digits", "Port 8888"}
    assert wanted <= subjects
    assert code == (0 if seen["ready"] else 1)


def test_backend_is_named_with_its_version(report):
    import keras

    (backend,) = [finding for finding in report[1]["findings"] if finding["name"] == "Backend"]
    assert backend["ok"]
    assert keras.__version__ in backend["found"]


def test_whatever_is_not_well_has_a_remedy(report):
    for finding in report[1]["findings"]:
        assert finding["ok"] or finding["remedy"], finding


def test_a_fault_ends_with_status_one(monkeypatch):
    fault = findings.Finding("Disk", False, "0.1 GB free", "free some space, or pip install '.[disk]'")
    monkeypatch.setattr(findings, "examine", lambda: [fault])
    result = runner.invoke(app, ["doctor"])
    assert result.exit_code == 1
    assert "free some space, or pip install '.[disk]'" in result.stdout
    assert "Not ready: Disk" in result.stdout


def test_a_missing_option_is_no_fault(monkeypatch):
    option = findings.Finding("GPU", False, "none", "not needed", optional=True)
    monkeypatch.setattr(findings, "examine", lambda: [option])
    assert runner.invoke(app, ["doctor"]).exit_code == 0


def test_full_disk_is_seen(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_RUNS", str(tmp_path / "not" / "yet" / "made"))
    monkeypatch.setattr(findings.shutil, "disk_usage", lambda path: type("Usage", (), {"free": 2**20}))
    finding = findings._disk()
    assert not finding.ok
    assert "COURSE_RUNS" in finding.remedy
