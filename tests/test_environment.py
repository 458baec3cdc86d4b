"""One environment, described in five files that must agree, and its two relatives without TensorFlow."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from course_lib import bootstrap

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
BACKEND_LOCKS = ("requirements-jax.lock", "requirements-torch.lock")
LOCKS = ("requirements.lock", "requirements-pesq.lock", *BACKEND_LOCKS)


def _pins(name: str) -> dict[str, set[str]]:
    """Package -> pinned versions (a universal file may pin two, by platform)."""
    pins: dict[str, set[str]] = {}
    for line in (ROOT / name).read_text().splitlines():
        match = re.match(r"([A-Za-z0-9._-]+)==([^\s;\\]+)", line)
        if match:
            pins.setdefault(canonicalize_name(match[1]), set()).add(match[2])
    return pins


def test_lock_pins_every_dependency_within_its_bounds():
    pins = _pins("requirements.lock")
    extras = PROJECT["optional-dependencies"]
    for text in PROJECT["dependencies"] + extras["dev"] + extras["pesq-build"]:
        requirement = Requirement(text)
        pinned = pins.get(canonicalize_name(requirement.name))
        assert pinned, f"{requirement.name} is not in requirements.lock: run `make lock`"
        assert all(requirement.specifier.contains(version) for version in pinned), (text, pinned)
    (pesq,) = _pins("requirements-pesq.lock")["pesq"]
    assert Requirement(extras["pesq"][0]).specifier.contains(pesq)


def test_every_pin_has_hashes():
    for name in LOCKS:
        for block in re.split(r"\n(?=[A-Za-z])", (ROOT / name).read_text().strip()):
            assert "--hash=sha256:" in block, f"{name}: no hash for {block.splitlines()[0]}"


def test_constraints_are_the_lock_without_hashes():
    pins, locked = _pins("constraints.txt"), _pins("requirements.lock")
    assert pins
    assert {name: locked.get(name) for name in pins} == pins, "constraints.txt is stale: run `make lock`"
    assert "--hash" not in (ROOT / "constraints.txt").read_text()


def test_conda_environment_is_this_project():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    python, pip, by_pip = environment["dependencies"]
    assert environment["channels"][0] == "conda-forge"
    assert pip == "pip"
    assert by_pip["pip"] == ["-c constraints.txt", "-e .[dev]"]
    version = python.removeprefix("python=")
    assert version == (ROOT / ".python-version").read_text().strip()
    assert Version(f"{version}.1") in SpecifierSet(PROJECT["requires-python"])


def test_bootstrap_supports_what_the_project_requires():
    required = SpecifierSet(PROJECT["requires-python"])
    for minor in range(9, 18):
        assert (Version(f"3.{minor}.2") in required) == ((3, minor) in bootstrap.SUPPORTED)


def test_lock_has_no_index_address():
    for name in (*LOCKS, "constraints.txt"):
        assert "://" not in (ROOT / name).read_text()


@pytest.mark.parametrize("name", BACKEND_LOCKS)
def test_other_backends_have_the_same_versions_and_no_tensorflow(name):
    pins, locked = _pins(name), _pins("requirements.lock")
    shared = {package: versions for package, versions in pins.items() if package in locked}
    assert shared == {package: locked[package] for package in shared}, f"{name} is stale: run `make lock`"
    wanted = [
        line
        for line in (ROOT / "tests/backends/requirements.in").read_text().splitlines()
        if not line.startswith("#")
    ]
    assert {*wanted, re.match(r"requirements-(.+)\.lock", name)[1]} <= set(pins)
    assert not {package for package in pins if "tensorflow" in package}
