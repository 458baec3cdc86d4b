"""Writes a finished run without training: ``python tests/training/fake_run.py FOLDER [NAME]``.

Its previews are the held-out clips smoothed less and less, its curves are formulas; it has no model.
"""

from __future__ import annotations

import math
import os
import sys
import time
from pathlib import Path

import numpy as np
import scipy.ndimage

from course_lib.training.durable import write_json
from course_lib.training.history import append_row, format_row
from course_lib.training.ladder import Ladder
from course_lib.training.request import TrainingRequest
from course_lib.training.start import prepare_run
from course_lib.training.status import RunStatus, identity, write_status
from course_lib.training.store import Run, RunStore
from course_lib.training.tasks.round_trip import RoundTrip
from course_lib.training.training_data import load_training_data


class _Blurring:
    """A model that smooths its clips by ``blur`` frames and bands."""

    def __init__(self, blur: float):
        self.blur = blur

    def reconstruct(self, features: np.ndarray) -> np.ndarray:
        return scipy.ndimage.gaussian_filter(features, (0, self.blur, self.blur))


def fake_run(
    root: Path,
    name: str = "fake",
    *,
    epochs: int = 6,
    batches: int = 20,
    state: str = "done",
    limit: int = 64,
) -> Run:
    """Make a run in ``root``; ``state`` is any of a status, "running" with this process as its trainer."""
    request = TrainingRequest(name=name, epochs=epochs, limit_clips=limit)
    run = prepare_run(request, RunStore(root))
    config = run.config()
    data = load_training_data(config)
    write_json(run.path / "config.json", config | data.facts)
    steps = epochs * batches
    for step in [*range(2, batches, 2), *range(batches, steps + 1, batches)]:
        loss = 0.2 + 0.6 * math.exp(-3 * step / steps)
        whole = step % batches == 0
        row = format_row(
            step, step // batches, 0.1 * step, loss, loss + 0.03 if whole else None, 1e-3 * (1 - step / steps)
        )
        append_row(run.path / "history.csv", row)
    ladder = Ladder(run.path / "previews", RoundTrip(data.previews, data.representation))
    for step in (0, 1, 3, 10, 30, 100, steps):
        if step <= steps:
            blur = 8 * (1 - step / steps) + 0.5

            ladder.write(_Blurring(blur), step=step, epoch=step // batches, seconds=0.1 * step)
    status = RunStatus(
        state=state, step=steps, epoch=epochs, epochs=epochs, elapsed_s=0.1 * steps, message=state
    )
    if state == "failed":
        status = RunStatus(**status.as_dict() | {"error": "the loss is not a number after step 12"})
    alive = identity(os.getpid()) | {"heartbeat": time.time()}
    write_status(run.path, RunStatus(**status.as_dict() | alive))
    return run


if __name__ == "__main__":
    print(fake_run(Path(sys.argv[1]), *sys.argv[2:3]).path)
