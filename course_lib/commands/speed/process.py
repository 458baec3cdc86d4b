"""``python -m course_lib.commands.speed.process JOB``: what must be measured in a process of its own.

``JOB`` is JSON: ``{"what": "steps", "presets": [...], ...}`` with the arguments of
:func:`course_lib.commands.speed.steps.measure`, or ``{"what": "ours" | "usual", ...}`` for the import times
and the memory of a short training. Each result is a line of JSON on standard output.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

MARK = "measured: "


def measured(**job: Any) -> Iterator[dict[str, Any]]:
    """Run one job in a fresh interpreter; its results as they come.

    Raises
    ------
    RuntimeError
        It failed; the message ends with its last words.
    """
    import course_lib

    environment = dict(os.environ)
    known = [environment["PYTHONPATH"]] if environment.get("PYTHONPATH") else []
    environment["PYTHONPATH"] = os.pathsep.join([str(Path(course_lib.__file__).parents[1]), *known])
    environment.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # As a worker has it: many threads on busy cores wait for each other.
    environment.setdefault("OPENBLAS_NUM_THREADS", "1")
    command = [sys.executable, "-P", "-m", "course_lib.commands.speed.process", json.dumps(job)]
    with (
        tempfile.TemporaryFile("w+") as errors,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, env=environment) as child,
    ):
        try:
            for line in child.stdout:
                # A training also logs there.
                if line.startswith(MARK):
                    yield json.loads(line.removeprefix(MARK))
        except BaseException:
            child.kill()
            raise
        if child.wait():
            errors.seek(0)
            last = " ".join(errors.read().strip().splitlines()[-1:]) or f"exit code {child.returncode}"
            raise RuntimeError(f"measuring {job['what']} failed: {last}")


def training(*, presets: Sequence[str], **size: Any) -> Iterator[dict[str, Any]]:
    """Each preset in turn; one that cannot be measured says why and the next one begins."""
    from course_lib.commands.speed import steps

    for preset in presets:
        try:
            yield steps.measure(preset, **size)
        except (ValueError, OSError, RuntimeError) as error:
            yield {"preset": preset, "error": str(error) or type(error).__name__}


def ours(*, dataset: str, clips: int) -> dict[str, float]:
    """The course's way: what a worker imports, then one short training by the ordinary path."""
    began = time.perf_counter()
    from course_lib.training.worker_process import _import_backend

    _import_backend()
    imported = time.perf_counter() - began
    from course_lib.training.request import TrainingRequest
    from course_lib.training.run import train
    from course_lib.training.start import prepare_run
    from course_lib.training.store import RunStore

    request = TrainingRequest(preset="autoencoder", dataset=dataset, limit_clips=clips, epochs=2)
    with tempfile.TemporaryDirectory(prefix="course-bench-") as folder:
        state = train(prepare_run(request, RunStore(Path(folder))))
    if state != "done":
        raise RuntimeError(f"the training is {state}")
    return _costs(imported)


def usually(*, dataset: str, clips: int) -> dict[str, float]:
    """The usual way: everything imported at the top, features by a loop, a loop over ``train_on_batch``."""
    began = time.perf_counter()
    import keras  # noqa: F401
    import librosa  # noqa: F401
    import matplotlib.pyplot  # noqa: F401

    imported = time.perf_counter() - began
    import numpy as np

    from course_lib.commands.speed import usual
    from course_lib.data import catalog

    sounds = catalog.load(dataset)
    sides = [sounds.y[:clips], sounds.y[-clips:]]
    train, held_out = (
        usual.features(y, sr=sounds.sr, n_fft=256, hop_length=64, n_mels=64)[:, :128] for y in sides
    )
    model = usual.conv2d_autoencoder(train.shape[1:])
    rng = np.random.default_rng(0)
    for _ in range(2):
        usual.train_epoch(model, train, held_out, batch_size=64, rng=rng)
    return _costs(imported)


def _costs(imported: float) -> dict[str, float]:
    from course_lib.data.memory import peak_memory

    return {"import_seconds": imported, "peak_bytes": peak_memory()}


def main(text: str) -> None:
    """Do the job that ``text`` describes and print its results."""
    job = json.loads(text)
    what = job.pop("what")
    results = training(**job) if what == "steps" else [{"ours": ours, "usual": usually}[what](**job)]
    for result in results:
        print(MARK + json.dumps(result), flush=True)


if __name__ == "__main__":
    code = 0
    try:
        main(sys.argv[1])
    except BaseException:
        traceback.print_exc()
        code = 1
    # A backend's threads sometimes hang the interpreter's own ending, after an error, too.
    sys.stderr.flush()
    os._exit(code)
