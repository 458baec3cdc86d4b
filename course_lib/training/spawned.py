"""The spawned process that trains, seen from the program that starts it. No Keras here."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import IO

import course_lib
from course_lib.training.errors import RunError
from course_lib.training.run_folder import Run
from course_lib.training.status import identity, read_status, write_status


class Worker:
    """A fresh interpreter that imports the backend at once, waits for one run, trains it and exits.

    It has its own session: Ctrl-C in the terminal of its parent, or its parent's death, does not touch a
    training. A worker that still waits exits when its parent is gone.

    Parameters
    ----------
    log : Path, optional
        Where its output goes until it has a run; nowhere by default.
    device : int, optional
        The one GPU that it may use, of several; all by default.
    """

    def __init__(self, *, log: Path | None = None, device: int | None = None):
        self.run: Run | None = None
        self.device = device
        output: int | IO[bytes] = subprocess.DEVNULL if log is None else log.open("ab")
        detached = (
            {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
            if os.name == "nt"
            else {"start_new_session": True}
        )
        try:
            self.process = subprocess.Popen(
                # -P: modules are not looked for in the working directory, where a learner's random.py may be.
                [sys.executable, "-P", "-m", "course_lib.training.worker_process"],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=worker_environment(device),
                **detached,
            )
        finally:
            if log is not None:
                output.close()

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self.process.poll() is None

    def hand_over(self, run: Run, *, resume: bool = False) -> None:
        """Give the worker its run.

        Raises
        ------
        RunError
            The process is gone.
        """
        self.run = run
        status = replace(
            read_status(run.path), state="running", message="starting", **identity(self.process.pid)
        )
        write_status(run.path, status)
        job = {"run": str(run.path.absolute()), "resume": resume}
        try:
            self.process.stdin.write(json.dumps(job).encode() + b"\n")
            self.process.stdin.close()
        except OSError as error:
            raise RunError(
                f"the training process ended before it began (exit code {self.process.poll()})"
            ) from error

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the process, mark its run failed if it died without a word, return its exit code."""
        code = self.process.wait(timeout)
        if self.run is not None:
            settle(self.run, self.process.pid, code)
        return code

    def dismiss(self) -> None:
        """End a worker that has no run."""
        if self.run is None:
            self.process.stdin.close()


def worker_environment(device: int | None = None) -> dict[str, str]:
    """The environment of a process that trains, on the ``device`` of several GPUs."""
    environment = dict(os.environ)
    if device is not None:
        visible = environment.get("CUDA_VISIBLE_DEVICES")
        environment["CUDA_VISIBLE_DEVICES"] = visible.split(",")[device] if visible else str(device)
    root = str(Path(course_lib.__file__).resolve().parents[1])
    known = environment.get("PYTHONPATH")
    environment["PYTHONPATH"] = root if not known else f"{root}{os.pathsep}{known}"
    environment["PYTHONUNBUFFERED"] = "1"
    environment["PYTHONFAULTHANDLER"] = "1"
    # Many threads on busy cores wait for each other: encoding the clips took ten times as long.
    environment.setdefault("OPENBLAS_NUM_THREADS", "1")
    environment.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    environment.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")
    return environment


def _last_words(run: Run) -> str:
    """What a crashed process left in its log: the fault and the lines that lead to it, not the long lists."""
    lines = [
        line[:200] for line in run.log_tail(200).splitlines() if line and not line.startswith("Extension")
    ]
    fault = [line for line in lines[:-8] if line.startswith("Fatal Python error")]
    return "\n".join(fault[-1:] + lines[-8:])


def settle(run: Run, pid: int, code: int) -> None:
    """Mark a run failed whose process ``pid`` ended with ``code`` and did not say how it went."""
    status = read_status(run.path)
    if not status.live or status.pid != pid:
        return
    how = f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
    if code == -9:
        how += " (often: out of memory)"
    tail = _last_words(run)
    error = f"the training process {how}; resume goes on from the last checkpoint"
    write_status(
        run.path,
        replace(
            status, state="failed", eta_s=None, message=error, error=f"{error}\n{tail}" if tail else error
        ),
    )
