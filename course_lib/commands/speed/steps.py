"""Steps and epochs of a preset beside a Conv2D stack of as many parameters and beside a bare loop.

Imports the backend: :mod:`course_lib.commands.speed.process` runs it in a process of its own.
"""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from course_lib.commands.speed import usual
from course_lib.commands.speed.turns import Turns, by_turns
from course_lib.training.adversarial import Game
from course_lib.training.batches import EpochBatches
from course_lib.training.players import is_game
from course_lib.training.presets import get_preset
from course_lib.training.request import TrainingRequest
from course_lib.training.run import train
from course_lib.training.scoreboard.facts import epoch_times
from course_lib.training.start import prepare_run
from course_lib.training.store import Run, RunStore

if TYPE_CHECKING:
    from course_lib.training.tasks.task import Task

PATIENCE_SECONDS = 300.0


def measure(preset: str, *, dataset: str, clips: int, turns: int, steps: int) -> dict[str, Any]:
    """Both comparisons of one preset.

    Parameters
    ----------
    clips : int
        Of one epoch.
    turns : int
        Repeats of each.
    steps : int
        Steps in one turn of the first comparison.

    Returns
    -------
    dict
        ``step``, ``epoch`` and ``loop`` (an epoch beside a bare loop over the same network), each
        ``{"ours": [...], "usual": [...]}`` in seconds; ``parameters`` and ``usual_parameters``;
        ``batch_size``, ``clips`` and ``held_out``.
    """
    request = TrainingRequest(preset=preset, dataset=dataset, limit_clips=clips, epochs=100_000)
    with tempfile.TemporaryDirectory(prefix="course-bench-") as folder:
        run = prepare_run(request, RunStore(Path(folder)))
        bench = _Bench(run)
        step = bench.steps(turns, steps)
        epoch, loop = bench.epochs(turns)
    return {
        "step": vars(step),
        "epoch": vars(epoch),
        "loop": vars(loop),
        "parameters": bench.parameters,
        "usual_parameters": bench.usual.count_params(),
        "batch_size": bench.batch_size,
        "clips": bench.task.size,
        "held_out": len(bench.usual_held_out),
    }


class _Bench:
    """A preset's network, its data and their rival."""

    def __init__(self, run: Run):
        self.run = run
        config = run.config()
        preset = get_preset(config["preset"])
        hyperparameters = preset.parse(config["hyperparameters"])
        self.batch_size = hyperparameters.batch_size
        self.task: Task = preset.task(config, hyperparameters)
        facts = config | self.task.facts
        more = {"classes": len(facts["classes"])} if preset.conditional else {}
        self.model = preset.build(hyperparameters, self.task.shape, self.task.initial, 0, **more)
        self.parameters = self.model.count_params()
        shape = tuple(self.task.shape)
        self.usual = usual.conv2d_autoencoder_of_size(shape, self.parameters)
        # What a step costs does not depend on the numbers in it: the rival has its data in memory.
        rng = np.random.default_rng(0)
        self.usual_train = rng.standard_normal((self.task.size, *shape), np.float32)
        self.usual_held_out = rng.standard_normal((facts["validation"]["clips"], *shape), np.float32)

    def steps(self, turns: int, steps: int) -> Turns:
        """Optimiser steps on batches that lie ready, without callbacks: seconds of one."""
        rows = np.arange(self.batch_size) % self.task.size
        batch = self.task.batch(rows, np.random.default_rng(0))
        theirs = self.usual_train[rows, ..., np.newaxis]

        def usual_steps() -> None:
            for _ in range(steps):
                self.usual.train_on_batch(theirs, theirs)

        measured = by_turns(_stepper(self.model, batch, steps), usual_steps, turns=turns)
        return Turns(*(tuple(s / steps for s in side) for side in (measured.ours, measured.usual)))

    def epochs(self, turns: int) -> tuple[Turns, Turns]:
        """Whole epochs by the ordinary path, held against the Conv2D stack and against a bare loop."""
        rng = np.random.default_rng(0)
        batches = EpochBatches(self.task, batch_size=self.batch_size, seed=0)

        def conv2d() -> None:
            usual.train_epoch(
                self.usual, self.usual_train, self.usual_held_out, batch_size=self.batch_size, rng=rng
            )

        def bare() -> None:
            batches.epoch += 1
            for index in range(batches.num_batches):
                _one_step(self.model, batches[index])
            if not is_game(self.model):
                self.model.evaluate(*self.task.held_out(), batch_size=100, verbose=0)

        conv2d(), bare()
        ours: list[float] = []
        others: dict[str, list[float]] = {"conv2d": [], "bare": []}
        with _Training(self.run) as training:
            for _ in range(turns):
                ours.append(training.epoch())
                for name, function in (("conv2d", conv2d), ("bare", bare)):
                    began = time.perf_counter()
                    function()
                    others[name].append(time.perf_counter() - began)
        return Turns(tuple(ours), tuple(others["conv2d"])), Turns(tuple(ours), tuple(others["bare"]))


class _Training:
    """An ordinary training in a thread, which stands still but during :meth:`epoch`."""

    def __init__(self, run: Run):
        self.run = run
        self._thread = threading.Thread(target=train, args=(run,), daemon=True)

    def __enter__(self) -> _Training:
        self._thread.start()
        # The first epoch compiles the network, and at its end the first checkpoint is written.
        self._until(lambda: len(epoch_times(self.run.history())) >= 1)
        self._pause()
        return self

    def __exit__(self, *error) -> None:
        self.run.request("stop")
        self._thread.join(PATIENCE_SECONDS)

    def epoch(self) -> float:
        """Seconds of the epochs that end now, by the run's own clock, which stands still during a pause."""
        before = len(epoch_times(self.run.history()))
        self.run.request("resume")
        # The pause fell into an epoch: one that was begun and ended without one is the second.
        self._until(lambda: len(epoch_times(self.run.history())) >= before + 2)
        self._pause()
        return float(np.median(epoch_times(self.run.history())[before:]))

    def _pause(self) -> None:
        self.run.request("pause")
        self._until(lambda: self.run.status().state == "paused")

    def _until(self, happened: Callable[[], object]) -> None:
        end = time.monotonic() + PATIENCE_SECONDS
        while not happened():
            status = self.run.status()
            if not status.live:
                raise RuntimeError(f"the training is {status.state}: {status.error or status.message}")
            if time.monotonic() > end:
                raise RuntimeError(
                    f"no epoch within {PATIENCE_SECONDS:g} s: this machine is too busy to measure"
                )
            time.sleep(0.01)


class _Ready(keras.utils.PyDataset):
    """One batch, several times."""

    def __init__(self, batch, count: int):
        super().__init__()
        self.batch, self.count = batch, count

    @property
    def num_batches(self) -> int:
        return self.count

    def __getitem__(self, index):
        return self.batch


def _stepper(model: keras.Model, batch, steps: int) -> Callable[[], object]:
    if is_game(model):
        return lambda: [_one_step(model, batch) for _ in range(steps)]
    ready = _Ready(batch, steps)
    return lambda: model.fit(ready, epochs=1, verbose=0, shuffle=False)


def _one_step(model: keras.Model, batch) -> None:
    if is_game(model):
        Game(model, critic_steps=getattr(model, "critic_steps", 1)).step(*batch[0])
    else:
        model.train_on_batch(*batch)
