"""The model tests on JAX and on Torch, each in an environment of its own, without TensorFlow.

``python -m tests.backends [jax] [torch] [arguments of pytest]``
"""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from xml.etree import ElementTree

from course_lib import bootstrap
from course_lib.bootstrap import ROOT, SetupError, say

BACKENDS = {"jax": "0.9 GB of disk", "torch": "4.5 GB of disk"}
# What a backend can change. The rest is NumPy's, or TensorFlow's alone; and what takes long to learn on one
# backend is learned on another that gives the same gradients.
SUITE = (
    "-m",
    "not slow",
    "tests/layers",
    "tests/losses",
    "tests/models",
    "tests/data/test_batches.py",
    "tests/training/test_run.py",
    "tests/training/test_learner_networks.py",
)


def environment(backend: str) -> Path:
    """Folder of the environment of ``backend``."""
    return ROOT / f".venv-{backend}"


def ensure(backend: str) -> Path:
    """Make the environment match its lock file, fast when it does already; the interpreter inside it."""
    venv, lock = environment(backend), f"requirements-{backend}.lock"
    python, stamp = bootstrap.venv_python(venv), venv / "latent-sound.stamp"
    facts = f"{ROOT} {platform.python_version()} ".encode() + (ROOT / lock).read_bytes()
    fingerprint = hashlib.sha256(facts).hexdigest()
    if python.exists() and stamp.exists() and stamp.read_text() == fingerprint:
        return python
    say(f"Installing {backend} into {venv.name} ({BACKENDS[backend]}), a few minutes the first time ...")
    began = time.monotonic()
    bootstrap.create_venv(sys.executable, venv)
    stamp.unlink(missing_ok=True)
    install = bootstrap.installer(venv)
    # Without their dependencies: the lock leaves out on purpose what only a GPU uses. Python compiles what
    # the tests import; pip would compile everything, which is most of its work here.
    bootstrap.install_lock(install, lock, "--no-deps", *(["--no-compile"] if install[1] == "-m" else []))
    stamp.write_text(fingerprint)
    say(f"{backend} installed in {time.monotonic() - began:.0f} s")
    return python


def run(backend: str, python: Path, arguments: list[str], shared: Path) -> tuple[bool, str]:
    """Run the tests; whether they passed, and a line that says how it went."""
    variables = {
        "KERAS_BACKEND": backend,
        # What TensorFlow gives: computed for the first backend, read by the next.
        "ZOO_REFERENCE": str(shared / "zoo.npz"),
        "PYTHONPATH": str(ROOT),
        # On a machine with a GPU as well: the outputs are compared with those of a CPU.
        "JAX_PLATFORMS": "cpu",
        "CUDA_VISIBLE_DEVICES": "-1",
        # JAX compiles every operation for every shape: as plainly as it can, and the second time it reads
        # what it made the first time.
        "JAX_DISABLE_MOST_OPTIMIZATIONS": "1",
        "JAX_COMPILATION_CACHE_DIR": str(environment("jax") / "compiled"),
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
        "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
    }
    report = shared / f"{backend}.xml"
    command = [str(python), "-m", "pytest", "-q", *SUITE, f"--junitxml={report}", *arguments]
    began = time.monotonic()
    status = subprocess.run(command, cwd=ROOT, env=os.environ | variables, check=False).returncode
    taken = time.monotonic() - began
    suite = ElementTree.parse(report).getroot().find("testsuite") if report.exists() else None
    if suite is None:
        return False, f"{backend:6} did not run: pytest ended with status {status}"
    count = {name: int(suite.get(name, "0")) for name in ("tests", "failures", "errors", "skipped")}
    failed = count["failures"] + count["errors"]
    passed = count["tests"] - failed - count["skipped"]
    words = f"{passed} passed, {failed} failed, {count['skipped']} skipped in {taken:.0f} s"
    return status == 0, f"{backend:6} {words}"


def main(arguments: list[str]) -> int:
    """Install what is missing, run, sum up; 1 if anything failed."""
    chosen = [name for name in arguments if name in BACKENDS] or list(BACKENDS)
    others = [argument for argument in arguments if argument not in BACKENDS]
    lines, good = [], True
    try:
        interpreters = {backend: ensure(backend) for backend in chosen}
        with tempfile.TemporaryDirectory() as shared:
            for backend, python in interpreters.items():
                say(f"\n=== the model tests on {backend} ===")
                passed, line = run(backend, python, others, Path(shared))
                good = good and passed
                lines.append(line)
    except SetupError as error:
        say(f"error: {error}")
        return 1
    say("\n=== the model tests on other backends: " + ("passed" if good else "FAILED"))
    for line in lines:
        say(f"    {line}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
