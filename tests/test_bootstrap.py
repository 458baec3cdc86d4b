"""The set-up speaks clearly on a machine that cannot run the course, and does nothing twice."""

from __future__ import annotations

import ast
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from course_lib import bootstrap


def _fake_python(folder: Path, name: str, version: str) -> None:
    """An executable that answers the version probe as a Python of that version would."""
    path = folder / name
    path.write_text(f"#!/bin/sh\necho {version} {path}\n")
    path.chmod(path.stat().st_mode | stat.S_IEXEC)


@pytest.fixture
def bare_machine(tmp_path, monkeypatch):
    """A PATH with nothing but what the test puts there, run by a Python 3.11."""
    if sys.platform == "win32":
        pytest.skip("stands for a machine with shell scripts as executables")
    monkeypatch.setenv("PATH", str(tmp_path))
    _fake_python(tmp_path, "python3", "3 11")
    monkeypatch.setattr(bootstrap.sys, "executable", str(tmp_path / "python3"))
    return tmp_path


def test_wrong_python_gets_one_sentence(bare_machine, monkeypatch, capsys):
    monkeypatch.setattr(bootstrap, "STAMP", bare_machine / "stamp")
    monkeypatch.setattr(bootstrap, "VENV", bare_machine / "venv")
    assert bootstrap.main(["start"]) == 1
    message = capsys.readouterr().err.strip()
    assert message.startswith("error: Latent Sound needs Python 3.12 or 3.13 and found only")
    assert "uv" in message
    assert len(message.splitlines()) == 1


@pytest.mark.parametrize("name", ["python3.12", "python3.13"])
def test_another_python_on_the_path_is_used(bare_machine, name):
    _fake_python(bare_machine, name, name.removeprefix("python").replace(".", " "))
    assert bootstrap.find_python() == str(bare_machine / name)


def test_a_shim_that_cannot_start_is_passed_over(bare_machine):
    shim = bare_machine / "python3.12"
    shim.write_text("#!/bin/sh\necho 'pyenv: python3.12: command not found' >&2\nexit 127\n")
    shim.chmod(0o755)
    _fake_python(bare_machine, "python3.13", "3 13")
    assert bootstrap.find_python() == str(bare_machine / "python3.13")


def test_uv_is_asked_when_no_python_fits(bare_machine):
    uv = bare_machine / "uv"
    uv.write_text("#!/bin/sh\necho /opt/python3.12\n")
    uv.chmod(0o755)
    assert bootstrap.find_python() == "/opt/python3.12"


def test_second_run_installs_nothing(tmp_path, monkeypatch):
    installs = []
    monkeypatch.setattr(bootstrap, "STAMP", tmp_path / "stamp")
    monkeypatch.setattr(bootstrap, "create_venv", lambda python: None)
    monkeypatch.setattr(bootstrap, "install", lambda: installs.append(1))
    monkeypatch.setattr(bootstrap, "find_python", lambda: sys.executable)
    monkeypatch.setattr(bootstrap, "venv_python", lambda: Path(sys.executable))
    bootstrap.ensure()
    bootstrap.ensure()
    assert installs == [1]


def test_failed_install_is_tried_again(tmp_path, monkeypatch, capsys):
    def fail():
        raise bootstrap.SetupError("Installing requirements.lock failed; its own message stands above.")

    monkeypatch.setattr(bootstrap, "STAMP", tmp_path / "stamp")
    monkeypatch.setattr(bootstrap, "create_venv", lambda python: None)
    monkeypatch.setattr(bootstrap, "install", fail)
    assert bootstrap.main(["setup"]) == 1
    assert "requirements.lock failed" in capsys.readouterr().err
    assert not (tmp_path / "stamp").exists()


def test_unknown_task_lists_the_known_ones(capsys):
    assert bootstrap.main(["tset"]) == 2
    assert "start, test, lint" in capsys.readouterr().err


def test_old_pythons_can_read_the_set_up():
    source = Path(bootstrap.__file__).read_text()
    ast.parse(source, feature_version=(3, 7))
    package = Path(bootstrap.__file__).with_name("__init__.py").read_text()
    ast.parse(package, feature_version=(3, 7))
    modules = {a.name for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Import) for a in n.names}
    assert modules <= set(sys.stdlib_module_names)


def test_environment_is_made_without_uv(tmp_path, monkeypatch):
    monkeypatch.setattr(bootstrap, "VENV", tmp_path / "venv")
    monkeypatch.setattr(bootstrap.shutil, "which", lambda name: None)
    bootstrap.create_venv(sys.executable)
    assert bootstrap.supported([str(bootstrap.venv_python())])


def test_broken_environment_is_made_anew(tmp_path, monkeypatch):
    monkeypatch.setattr(bootstrap, "VENV", tmp_path / "venv")
    bootstrap.venv_python().parent.mkdir(parents=True)
    bootstrap.venv_python().write_text("half a file")
    (tmp_path / "venv" / "leftover").touch()
    bootstrap.create_venv(sys.executable)
    assert bootstrap.supported([str(bootstrap.venv_python())])
    assert not (tmp_path / "venv" / "leftover").exists()


def test_an_environment_is_made_anew_by_the_python_that_its_own_came_from(tmp_path, monkeypatch):
    """As after uv has made it without pip, and has gone: make starts this with the Python inside."""
    monkeypatch.setattr(bootstrap.shutil, "which", lambda name: None)
    venv = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(venv)], check=True)
    (venv / "leftover").touch()
    inside = str(bootstrap.venv_python(venv))
    bootstrap.create_venv(inside, venv)
    assert not (venv / "leftover").exists()
    assert subprocess.run([inside, "-c", "import pip"], check=False).returncode == 0
