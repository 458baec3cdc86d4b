"""The runner of the other backends: installs once, reports what happened, fails when a test does."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import tests.backends.__main__ as runner
from course_lib import bootstrap


@pytest.fixture
def no_installs(tmp_path, monkeypatch) -> list[str]:
    """This Python stands for both environments; what would be installed is listed instead."""
    installed = []
    # Starts pytest in a third of the time.
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setattr(runner, "refer", lambda path: None)
    monkeypatch.setattr(runner, "environment", lambda backend: tmp_path / backend)
    monkeypatch.setattr(bootstrap, "venv_python", lambda venv=None: Path(sys.executable))
    monkeypatch.setattr(bootstrap, "create_venv", lambda python, venv: venv.mkdir(exist_ok=True))
    monkeypatch.setattr(bootstrap, "install_lock", lambda pip, lock, *options: installed.append(lock))
    return installed


def _suite(path: Path, monkeypatch, source: str) -> None:
    path.write_text(source)
    monkeypatch.setattr(runner, "SUITE", (str(path),))


def test_the_second_run_installs_nothing(no_installs):
    for _ in range(2):
        assert runner.ensure("jax") == Path(sys.executable)
    assert no_installs == ["requirements-jax.lock"]


def test_a_failed_install_is_tried_again(no_installs, tmp_path, monkeypatch, capsys):
    def fail(pip, lock, *options):
        raise bootstrap.SetupError(f"Installing {lock} failed; pip's own message stands above.")

    monkeypatch.setattr(bootstrap, "install_lock", fail)
    assert runner.main(["torch"]) == 1
    assert "requirements-torch.lock failed" in capsys.readouterr().err
    assert not (tmp_path / "torch" / "latent-sound.stamp").exists()


def test_one_failure_fails_the_whole_and_the_summary_counts(no_installs, tmp_path, monkeypatch, capsys):
    source = (
        "import os, pytest\n"
        "def test_good(): pass\n"
        "def test_backend(): assert os.environ['KERAS_BACKEND'] == 'jax'\n"
        "def test_skipped(): pytest.skip('no reason')\n"
    )
    _suite(tmp_path / "test_stand_in.py", monkeypatch, source)
    assert runner.main(["-p", "no:cacheprovider"]) == 1
    said = capsys.readouterr().err
    assert "jax    2 passed, 0 failed, 1 skipped in " in said
    assert "torch  1 passed, 1 failed, 1 skipped in " in said
    assert "other backends: FAILED" in said


def test_one_backend_and_a_part_of_the_tests(no_installs, tmp_path, monkeypatch, capsys):
    _suite(tmp_path / "test_stand_in.py", monkeypatch, "def test_a(): pass\ndef test_b(): assert False\n")
    assert runner.main(["torch", "-k", "test_a", "-p", "no:cacheprovider"]) == 0
    said = capsys.readouterr().err
    assert "torch  1 passed, 0 failed" in said
    assert "jax " not in said
    assert no_installs == ["requirements-torch.lock"]


def test_tests_that_never_ran_are_a_failure(no_installs, tmp_path, monkeypatch, capsys):
    _suite(tmp_path / "test_stand_in.py", monkeypatch, "import nowhere_to_be_found\n")
    assert runner.main(["jax", "-p", "no:cacheprovider"]) == 1
    assert runner.main(["jax", "--no-such-option"]) == 1
    assert "jax    did not run: pytest ended with status 4" in capsys.readouterr().err
