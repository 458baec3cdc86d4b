"""Asks a fresh process what the parts of a training cost. No Keras here."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from course_lib.training.errors import RunError
from course_lib.training.forecast.costs import Costs
from course_lib.training.forecast.probe import MARK
from course_lib.training.request import TrainingRequest
from course_lib.training.spawned import worker_environment
from course_lib.training.start import plan

PATIENCE_SECONDS = 600.0


def forecast(request: TrainingRequest) -> Costs:
    """Time some real steps of a training that was not begun.

    Raises
    ------
    ValueError, FileNotFoundError
        As :func:`course_lib.training.start.prepare_run`.
    RunError
        The process failed; the message ends with its last words.
    """
    plan(request)
    fields: dict[str, Any] = request.model_dump(exclude={"name", "resume", "max_seconds"})
    command = [sys.executable, "-P", "-m", "course_lib.training.forecast.probe", json.dumps(fields)]
    try:
        child = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
            env=worker_environment(),
        )
    except subprocess.TimeoutExpired as error:
        raise RunError(
            f"a few steps of {request.preset} took over {PATIENCE_SECONDS / 60:.0f} minutes on this machine"
        ) from error
    for line in child.stdout.splitlines():
        if line.startswith(MARK):
            return Costs(**json.loads(line.removeprefix(MARK)))
    last = " ".join(child.stderr.strip().splitlines()[-1:]) or f"exit code {child.returncode}"
    raise RunError(f"timing {request.preset} failed: {last}")
