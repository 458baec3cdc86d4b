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
# What a backend can change: the rest is NumPy's, or TensorFlow's alone.
SUITE = (
    "-m",
    "not (slow or one_backend)",
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


class Tests:
    """The tests on one backend, in a process of their own that runs beside the others'.

    Parameters
    ----------
    backend : str
    python : pathlib.Path
        Interpreter of its environment.
    arguments : list of str
        Of pytest.
    folder : pathlib.Path
        For what the process writes; it may hold ``zoo.npz``, what TensorFlow gives.
    """

    def __init__(self, backend: str, python: Path, arguments: list[str], folder: Path):
        self.backend = backend
        self.report, self.words = folder / f"{backend}.xml", folder / f"{backend}.txt"
        variables = {
            "KERAS_BACKEND": backend,
            "ZOO_REFERENCE": str(folder / "zoo.npz"),
            "PYTHONPATH": str(ROOT),
            # On a machine with a GPU as well: the outputs are compared with those of a CPU.
            "JAX_PLATFORMS": "cpu",
            "CUDA_VISIBLE_DEVICES": "-1",
            # JAX compiles every operation for every shape: as plainly as it can, and the second time it
            # reads what it made the first time.
            "JAX_DISABLE_MOST_OPTIMIZATIONS": "1",
            "JAX_COMPILATION_CACHE_DIR": str(environment("jax") / "compiled"),
            "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
            "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
        }
        command = [str(python), "-m", "pytest", "-q", *SUITE, f"--junitxml={self.report}", *arguments]
        with self.words.open("wb") as words:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=os.environ | variables, stdout=words, stderr=subprocess.STDOUT
            )

    def end(self) -> tuple[bool, str]:
        """Wait, and show what was said; whether all passed, and a line that says how it went."""
        status = self.process.wait()
        say(f"\n=== the model tests on {self.backend} ===\n{self.words.read_text(errors='replace')}")
        suite = ElementTree.parse(self.report).getroot().find("testsuite") if self.report.exists() else None
        if suite is None:
            return False, f"{self.backend:6} did not run: pytest ended with status {status}"
        count = {name: int(suite.get(name, "0")) for name in ("tests", "failures", "errors", "skipped")}
        failed = count["failures"] + count["errors"]
        passed = count["tests"] - failed - count["skipped"]
        taken = float(suite.get("time", "0"))
        words = f"{passed} passed, {failed} failed, {count['skipped']} skipped in {taken:.0f} s"
        return status == 0, f"{self.backend:6} {words}"


def refer(path: Path) -> None:
    """Let TensorFlow say once what all must give; without it each backend asks by itself, and complains."""
    variables = {"KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "3"}
    command = [sys.executable, "-m", "tests.models.zoo", str(path)]
    subprocess.run(command, cwd=ROOT, env=os.environ | variables, capture_output=True, check=False)


def main(arguments: list[str]) -> int:
    """Install what is missing, run, sum up; 1 if anything failed."""
    chosen = [name for name in arguments if name in BACKENDS] or list(BACKENDS)
    others = [argument for argument in arguments if argument not in BACKENDS]
    try:
        interpreters = {backend: ensure(backend) for backend in chosen}
    except SetupError as error:
        say(f"error: {error}")
        return 1
    say(f"Testing the models on {' and '.join(chosen)}: minutes the first time ...")
    with tempfile.TemporaryDirectory() as folder:
        refer(Path(folder) / "zoo.npz")
        running = [Tests(backend, python, others, Path(folder)) for backend, python in interpreters.items()]
        try:
            ended = [tests.end() for tests in running]
        except KeyboardInterrupt:
            # The tests got the same Ctrl-C.
            for tests in running:
                tests.process.wait()
            return 130
    good = all(passed for passed, _ in ended)
    say("=== the model tests on other backends: " + ("passed" if good else "FAILED"))
    for _, line in ended:
        say(f"    {line}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
