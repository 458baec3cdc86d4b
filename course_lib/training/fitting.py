"""``model.fit`` with the course's callbacks, from any position to the end."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras

from course_lib.training.adversarial import play
from course_lib.training.averaging import averaged_weights
from course_lib.training.batches import EpochBatches
from course_lib.training.callbacks.averaging import Averaging
from course_lib.training.callbacks.checkpointing import Checkpointing
from course_lib.training.callbacks.control import Control
from course_lib.training.callbacks.event_files import EventFiles
from course_lib.training.callbacks.previewing import Previewing
from course_lib.training.callbacks.recording import Recording
from course_lib.training.callbacks.scheduling import Scheduling
from course_lib.training.callbacks.tracking import Tracking
from course_lib.training.checkpoints import Checkpoint
from course_lib.training.ladder import Ladder
from course_lib.training.model_files import save_model
from course_lib.training.model_state import restore
from course_lib.training.players import is_game, optimizers
from course_lib.training.position import Position
from course_lib.training.reporter import StatusReporter
from course_lib.training.tasks.task import Task

VALIDATION_BATCH = 100


def fit(
    model: keras.Model,
    task: Task,
    position: Position,
    *,
    folder: Path,
    reporter: StatusReporter,
    ladder: Ladder,
    checkpoint: Checkpoint | None,
    seed: int,
    batch_size: int,
    peak_learning_rate: float,
    log: Callable[[str], Any],
    note: str = "",
    tensorboard: bool = False,
) -> None:
    """Train ``model`` from ``position`` to its end, a stop or its last second; then keep it in ``model/``.

    Raises
    ------
    RunError
        The loss is not a number, a file cannot be written, or the checkpoint is of another architecture.
    """
    if checkpoint is not None:
        restore(model, checkpoint.arrays)
    # fit() would put the averaged weights in place at its end; they go to model/ and nowhere else, because
    # the training of a resumed epoch takes two fits.
    for optimizer in optimizers(model):
        optimizer.finalize_variable_values = lambda variables: None
    previewing = Previewing(ladder, position)
    previewing.set_model(model)
    position.start_clock()
    if checkpoint is None:
        previewing.write()
        log("first preview ready")
    reporter.say(f"{note}training", state="running")
    event_files = EventFiles(folder, ladder, position) if tensorboard else None
    # A resumed epoch is shorter than the others, and a data set must not change its length during a fit.
    held_out = task.held_out()
    parts = [(position.epoch, position.epoch + 1, position.batch)] if position.batch else []
    parts.append((position.epoch + len(parts), position.epochs, 0))
    for first, last, start in parts:
        if first >= last or position.stop.is_set() or position.out_of_time:
            continue
        batches = EpochBatches(task, batch_size=batch_size, seed=seed, start=start)
        callbacks = [
            # Tracking first: the others read the position. Control before checkpoints: a stop is saved.
            Tracking(position, batches, running=checkpoint.arrays if start else None),
            Scheduling(position, peak_learning_rate),
            Averaging(position),
            Recording(folder / "history.csv", position),
            previewing,
            Control(folder, position, reporter),
            Checkpointing(folder, position),
        ]
        if event_files is not None:
            callbacks.append(event_files)
        if is_game(model):
            play(model, batches, epochs=last, initial_epoch=first, held_out=held_out, callbacks=callbacks)
            continue
        model.fit(
            batches,
            epochs=last,
            initial_epoch=first,
            validation_data=held_out,
            validation_batch_size=VALIDATION_BATCH,
            # Keras would shuffle the batches with the global random state, which a resumed run has not.
            shuffle=False,
            verbose=0,
            callbacks=callbacks,
        )
    position.stop_clock()
    log(f"training over at step {position.step} after {position.elapsed_s:.2f} s")
    with averaged_weights(model, steps=position.step):
        save_model(folder, model, step=position.step)
    previewing.write()
    if event_files is not None:
        event_files.finish()
