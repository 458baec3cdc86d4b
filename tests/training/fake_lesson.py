"""A lesson and a trainer without a network: trainings take no time, scores are a formula."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import ClassVar

from course_lib.data import catalog
from course_lib.training.durable import write_json
from course_lib.training.history import append_row, format_row
from course_lib.training.lessons.bar import FACTS, Bar
from course_lib.training.lessons.lesson import Lesson
from course_lib.training.lessons.metric import Metric
from course_lib.training.start import prepare_run
from course_lib.training.status import RunStatus, identity, write_status

SPEAKERS = ("andy-rp", "anika-caribbean")


class Humming(Lesson):
    """Scores depend on the seed and the first speaker; ``scored`` counts what was computed."""

    name = "humming"
    title = "Humming | a lesson of *tests*"
    preset = "autoencoder"
    dataset = "digits"
    seconds = 30.0
    seeds = 2
    scoring_seconds = 5.0
    conditions = ("white", "babble|six")
    share_words = "from noise to clean"
    metrics = (
        Metric("stoi", "STOI", share=True),
        Metric("si_sdr", "SI-SDR", digits=1, unit="dB"),
        Metric("error", "error", at_least=False),
    )
    facts = (*Lesson.facts, Metric("parameters", "parameters", digits=0, at_least=False))
    bars = (
        Bar("stoi", 0.8, condition="white"),
        Bar("si_sdr", -2.0, condition="babble|six", of="oracle", factor=0.5),
        Bar("parameters", 1000, row=FACTS, at_least=False),
    )
    scored: ClassVar[list[str]] = []

    def evaluate(self, run, *, n=None, on_row=None):
        seed, holdout = run.config()["seed"], run.config()["dataset"]["holdout"]
        self.scored.append(run.name)
        rows = {}
        for name, level in (("noisy", 0.5), ("model", 0.81), ("oracle", 0.9)):
            on_row(name)
            stoi = level + 0.01 * seed + 0.1 * (len(holdout) and holdout[0] == SPEAKERS[1])
            rows[name] = {
                "stoi": stoi,
                "stoi_se": 0.001,
                "stoi_share": (stoi - 0.5) / 0.4,
                "si_sdr": 10 * stoi,
            }
            rows[name]["error"] = None if name == "oracle" else 1 - stoi
        return {
            "rows": dict.fromkeys(self.conditions, rows),
            "protocol": "By a formula.",
            "settings": {"n": n},
            "facts": {"parameters": 900 + seed},
        }


class Deaf(Humming):
    """Never reaches its first bar."""

    name = "deaf"
    bars = (Bar("stoi", 0.99, condition="white"), Humming.bars[2])


class Trainer:
    """Stands in for :func:`course_lib.training.worker.start_training`.

    Parameters
    ----------
    hangs : int, optional
        Which training, counted from 0, never ends.
    fails : int, optional
        Which one fails.
    """

    def __init__(self, *, hangs: int | None = None, fails: int | None = None):
        self.hangs, self.fails = hangs, fails
        self.requests = []

    def __call__(self, request, store):
        run = prepare_run(request, store)
        number = len(self.requests)
        self.requests.append(request)
        finish(run, state="running" if number == self.hangs else "failed" if number == self.fails else "done")
        return run


def finish(run, *, state: str = "done") -> None:
    """Make a run what a training leaves, as far as a scoreboard looks."""
    config = run.config()
    digest = catalog.get(config["dataset"]["name"]).digest
    write_json(run.path / "config.json", config | {"dataset": config["dataset"] | {"sha256": digest}})
    for epoch in (1, 2, 3):
        append_row(run.path / "history.csv", format_row(epoch, epoch, 2.0 * epoch, 0.5, 0.5, 1e-3))
    (run.path / "model").mkdir(exist_ok=True)
    write_json(run.path / "model" / "hashes.json", {"step": 3, "weights.npz": f"{config['seed']:064x}"})
    error = "the loss is not a number" if state == "failed" else None
    status = RunStatus(
        state=state, step=3, epoch=3, epochs=3, elapsed_s=6.0, eta_s=3.0, message=state, error=error
    )
    write_status(run.path, RunStatus(**status.as_dict() | identity(os.getpid()) | {"heartbeat": time.time()}))


def install(patch, trainer: Trainer) -> None:
    """Let the command line know these lessons alone, and train by ``trainer``."""
    from course_lib.training.lessons import registry
    from course_lib.training.scoreboard import evaluations, work

    lessons = {lesson.name: lesson for lesson in (Humming(), Deaf())}
    patch.setattr(registry, "LESSONS", lessons)
    patch.setattr(work, "start_training", trainer)
    patch.setattr(work, "POLL_SECONDS", 0.01)
    # Somebody may be at work on the library while its tests run.
    patch.setattr(evaluations, "code_hash", lambda: "the same")
    Humming.scored.clear()


if __name__ == "__main__":
    # python fake_lesson.py RUNS ARGUMENTS...: `course bench` whose second training hangs.
    import pytest

    os.environ["COURSE_RUNS"] = str(Path(sys.argv[1]))
    install(pytest.MonkeyPatch(), Trainer(hangs=1))
    from course_lib.cli import app

    app(["bench", *sys.argv[2:]])
