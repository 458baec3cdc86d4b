"""``python -m course_lib.training.forecast.probe REQUEST``: times the parts of a training.

``REQUEST`` is JSON, the fields of a :class:`TrainingRequest`. The data, the network, the loop and the work of
the callbacks are those of the training itself; only its length is not. The result is a line of JSON.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from course_lib.training.forecast.costs import Costs

MARK = "measured: "
# Steps are timed for as long as this, or as many as this.
STEP_SECONDS, MIN_STEPS, MAX_STEPS = 2.0, 6, 200


def measure(fields: dict[str, Any]) -> Costs:
    """Time everything once it is warm.

    Raises
    ------
    ValueError, FileNotFoundError
        As :func:`course_lib.training.start.prepare_run`.
    """
    import keras

    from course_lib.training.batches import batches_of
    from course_lib.training.callbacks.checkpointing import Checkpointing
    from course_lib.training.ladder import Ladder
    from course_lib.training.position import Position
    from course_lib.training.presets import get_preset
    from course_lib.training.request import TrainingRequest
    from course_lib.training.start import prepare_run
    from course_lib.training.store import RunStore

    with tempfile.TemporaryDirectory(prefix="course-probe-") as folder:
        run = prepare_run(TrainingRequest.checked(**fields), RunStore(Path(folder)))
        began = time.perf_counter()
        config = run.config()
        preset = get_preset(config["preset"])
        hyperparameters = preset.parse(config["hyperparameters"])
        task = preset.task(config, hyperparameters)
        keras.utils.set_random_seed(config["seed"])
        model = preset.build(
            hyperparameters,
            task.shape,
            task.initial,
            config["seed"],
            architecture=config.get("architecture"),
            **preset.asked(config | task.facts),
        )
        held_out = task.held_out()
        ladder = Ladder(run.path / "previews", task.exhibit())
        start = time.perf_counter() - began
        position = Position(epochs=1, batches=batches_of(task, hyperparameters.batch_size))
        checkpointing = Checkpointing(run.path, position)
        checkpointing.set_model(model)

        def preview(number: int) -> None:
            ladder.write(model, step=number, epoch=0, seconds=0.0)

        def checkpoint(number: int) -> None:
            position.step = number
            checkpointing.save()

        _, previews = _timed(preview)
        first, step = _steps(model, task, hyperparameters.batch_size)
        _, looks = _timed(lambda number: _look(model, held_out))
        _, saves = _timed(checkpoint)
    return Costs(
        start=start,
        first_step=first,
        step=step,
        held_out=looks,
        preview=previews,
        checkpoint=saves,
        batches=position.batches,
        epochs=config["epochs"],
    )


def _timed(act: Callable[[int], object]) -> tuple[float, float]:
    """Seconds of the first time, and of another."""
    seconds = []
    for number in range(2):
        began = time.perf_counter()
        act(number)
        seconds.append(time.perf_counter() - began)
    return seconds[0], seconds[1]


def _steps(model: Any, task: Any, batch_size: int) -> tuple[float, float]:
    """(seconds of the first step, of one after it), by the loop that trains."""
    import keras

    from course_lib.training.adversarial import play
    from course_lib.training.batches import EpochBatches
    from course_lib.training.players import is_game

    class Clock(keras.callbacks.Callback):
        """When each step ended; stops when enough of them were seen."""

        def __init__(self):
            super().__init__()
            self.times: list[float] = []

        def on_train_batch_end(self, batch, logs=None):
            self.times.append(time.perf_counter())
            took = self.times[-1] - self.times[0]
            if (took > STEP_SECONDS and len(self.times) > MIN_STEPS) or len(self.times) > MAX_STEPS:
                self.model.stop_training = True

    clock, began = Clock(), time.perf_counter()
    batches = EpochBatches(task, batch_size=batch_size, seed=0)
    epochs = -(-(MIN_STEPS + 2) // batches.batches)
    common = {"epochs": epochs, "initial_epoch": 0, "callbacks": [clock]}
    if is_game(model):
        play(model, batches, held_out=task.held_out(), **common)
    else:
        model.fit(batches, shuffle=False, verbose=0, **common)
    # The second step still meets what the first one left to be done, such as a last batch of another size.
    later = clock.times[1:]
    step = (later[-1] - later[0]) / max(1, len(later) - 1) if len(later) > 1 else clock.times[-1] - began
    return clock.times[0] - began, step


def _look(model: Any, held_out: tuple[Any, Any]) -> None:
    """What is computed on the held-out clips at the end of an epoch."""
    from course_lib.training.adversarial import SCORED
    from course_lib.training.fitting import VALIDATION_BATCH
    from course_lib.training.players import is_game

    inputs, targets = held_out
    if is_game(model):
        clips, condition = inputs
        scored = min(len(clips), SCORED) // 4 * 4
        model.score(clips[:scored], condition[:scored] if model.conditional else None)
        return
    model.evaluate(inputs, targets, batch_size=VALIDATION_BATCH, verbose=0)


if __name__ == "__main__":
    print(MARK + json.dumps(measure(json.loads(sys.argv[1])).as_dict()), flush=True)
