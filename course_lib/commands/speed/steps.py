"""Steps and epochs of a preset beside a Conv2D stack of as many parameters and beside ``fit`` alone.

Imports the backend: :mod:`course_lib.commands.speed.process` runs it in a process of its own.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from course_lib.commands.speed import usual
from course_lib.commands.speed.turns import Turns, by_turns
from course_lib.data import catalog
from course_lib.training.adversarial import Game, play
from course_lib.training.batches import EpochBatches, batches_of
from course_lib.training.fitting import fit
from course_lib.training.ladder import Ladder
from course_lib.training.players import is_game
from course_lib.training.position import Position
from course_lib.training.presets import get_preset
from course_lib.training.reporter import StatusReporter
from course_lib.training.request import TrainingRequest
from course_lib.training.start import prepare_run
from course_lib.training.status import read_status
from course_lib.training.store import Run, RunStore

if TYPE_CHECKING:
    from course_lib.training.tasks.task import Task

# Compiled in this process so far.
_RIVALS: list[keras.Model] = []


def measure(preset: str, *, dataset: str, clips: int, turns: int, steps: int) -> dict[str, Any]:
    """All comparisons of one preset.

    Parameters
    ----------
    clips : int
        Of one epoch, at most.
    turns : int
        Repeats of each comparison.
    steps : int
        Steps in one turn of the first.

    Returns
    -------
    dict
        ``step``, ``epoch`` and ``plain`` (an epoch beside ``fit`` alone with the same network), each
        ``{"ours": [...], "usual": [...]}`` in seconds; ``preset``, ``parameters``, ``usual_parameters``,
        ``batch_size``, ``clips`` and ``held_out``.
    """
    chosen = get_preset(preset)
    # One that cannot learn from these sounds is measured on its own.
    sounds = chosen.dataset if chosen.unsuitable(catalog.get(dataset)) else dataset
    request = TrainingRequest(preset=preset, dataset=sounds, limit_clips=clips, epochs=100_000)
    with tempfile.TemporaryDirectory(prefix="course-bench-") as folder:
        bench = _Bench(prepare_run(request, RunStore(Path(folder))))
        step = bench.steps(turns, steps)
        epoch, plain = bench.epochs(turns)
    return {
        "preset": preset,
        "step": vars(step),
        "epoch": vars(epoch),
        "plain": vars(plain),
        "parameters": bench.model.count_params(),
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
        # Without a look at the data: what a step costs does not depend on where the weights begin.
        self.model = preset.build(hyperparameters, self.task.shape, None, 0, **preset.asked(facts))
        shape = tuple(self.task.shape)
        self.usual = _rival(shape, self.model.count_params())
        # Nor on the numbers in it: the rival has its data in memory.
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
        """Whole epochs by the ordinary path, beside the Conv2D stack's and beside ``fit`` alone."""
        rng = np.random.default_rng(0)
        batches = EpochBatches(self.task, batch_size=self.batch_size, seed=0)
        held_out = self.task.held_out()
        others: dict[str, Callable[[], object]] = {
            "conv2d": lambda: usual.train_epoch(
                self.usual, self.usual_train, self.usual_held_out, batch_size=self.batch_size, rng=rng
            ),
            "plain": lambda: _plain_epoch(self.model, batches, held_out),
        }
        ordinary = _Ordinary(self.run, self.model, self.task, self.batch_size)
        ours: list[float] = []
        theirs: dict[str, list[float]] = {name: [] for name in others}
        for function in (ordinary.epoch, *others.values()):
            function()
        for _ in range(turns):
            ours.append(ordinary.epoch())
            for name, function in others.items():
                began = time.perf_counter()
                function()
                theirs[name].append(time.perf_counter() - began)
        return tuple(Turns(tuple(ours), tuple(seconds)) for seconds in theirs.values())


class _Ordinary:
    """The ordinary path, an epoch at a time: curves, status, previews, checkpoints."""

    def __init__(self, run: Run, model: keras.Model, task: Task, batch_size: int):
        self.run, self.model, self.task, self.batch_size = run, model, task, batch_size
        self.ladder = Ladder(run.path / "previews", task.exhibit())
        self.reporter = StatusReporter(run.path, read_status(run.path))
        self.position = Position(epochs=0, batches=batches_of(task, batch_size))

    def epoch(self) -> float:
        """Seconds of the next epoch by the training's own clock; what comes after its end is not in it."""
        position = self.position
        position.epochs += 1
        before = position.elapsed_s
        fit(
            self.model,
            self.task,
            position,
            folder=self.run.path,
            reporter=self.reporter,
            ladder=self.ladder,
            checkpoint=None,
            seed=0,
            batch_size=self.batch_size,
            peak_learning_rate=1e-4,
            log=lambda text: None,
        )
        return position.elapsed_s - before


def _rival(shape: tuple[int, int], parameters: int) -> keras.Model:
    """A Conv2D stack of about this size; one that was compiled for another preset serves again."""
    for known in _RIVALS:
        near = 0.8 <= known.count_params() / parameters <= 1.25
        if known.output_shape[1:3] == shape and near:
            return known
    _RIVALS.append(usual.conv2d_autoencoder_of_size(shape, parameters))
    return _RIVALS[-1]


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
        game = Game(model, critic_steps=getattr(model, "critic_steps", 1))
        return lambda: [game.step(*batch[0]) for _ in range(steps)]
    ready = _Ready(batch, steps)
    return lambda: model.fit(ready, epochs=1, verbose=0, shuffle=False)


def _plain_epoch(model: keras.Model, batches: EpochBatches, held_out) -> None:
    batches.epoch += 1
    if is_game(model):
        play(model, batches, epochs=1, initial_epoch=0, held_out=held_out, callbacks=[])
        return
    model.fit(
        batches, epochs=1, validation_data=held_out, validation_batch_size=100, verbose=0, shuffle=False
    )
