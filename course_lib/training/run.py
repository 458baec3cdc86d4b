"""One training, in this process: from a run folder that says what to do to one that says what came out."""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Callable
from typing import TYPE_CHECKING

from course_lib.training.checkpoints import Checkpoint, newest_checkpoint, remove_after
from course_lib.training.durable import explain, write_json
from course_lib.training.history import cut_history
from course_lib.training.ladder import Ladder
from course_lib.training.lock import acquire
from course_lib.training.position import Position
from course_lib.training.presets import get_preset
from course_lib.training.reporter import StatusReporter
from course_lib.training.run_folder import Run
from course_lib.training.status import read_status
from course_lib.training.tasks.task import Task

if TYPE_CHECKING:
    import keras


def train(
    run: Run,
    *,
    resume: bool = False,
    backend_ready: Callable[[], object] | None = None,
    stop: threading.Event | None = None,
) -> str:
    """Train a run that :func:`course_lib.training.start.prepare_run` made, and write all of its folder.

    Errors do not leave this function: they are the run's state ``failed`` with its message.

    Parameters
    ----------
    resume : bool
        Go on from the newest whole checkpoint; from the beginning if there is none.
    backend_ready : callable, optional
        Waits for a backend that another thread is importing; the data is loaded meanwhile.
    stop : threading.Event, optional
        Set it to stop between two batches, as ``run.request("stop")`` does.

    Returns
    -------
    str
        The final state: done, stopped or failed.

    Raises
    ------
    RunError
        Another process trains this run; its folder is not touched.
    """
    lock = acquire(run.path)
    reporter = StatusReporter(run.path, read_status(run.path))
    reporter.say("loading the data", state="running")
    training = _Training(run, reporter, resume, threading.Event() if stop is None else stop)
    try:
        reporter.start()
        state, message = training.go(backend_ready)
        reporter.end(state, message)
    except Exception as error:
        state = "failed"
        message = explain(error, run.path) if isinstance(error, OSError) and error.errno else str(error)
        training.log(traceback.format_exc())
        reporter.end(state, "failed", error=message or type(error).__name__)
    finally:
        lock.release()
    return state


class _Training:
    """The phases of one training, each timed in the log."""

    def __init__(self, run: Run, reporter: StatusReporter, resume: bool, stop: threading.Event):
        self.run = run
        self.reporter = reporter
        self.resume = resume
        self.config = run.config()
        self.stop = stop
        self.note = ""
        self._began = time.monotonic()

    def log(self, text: str) -> None:
        """To standard output, which a worker sends to ``log.txt``."""
        print(
            f"{time.monotonic() - self._began:8.2f} s (cpu {time.process_time():.2f} s)  {text}", flush=True
        )

    def go(self, backend_ready: Callable[[], object] | None) -> tuple[str, str]:
        preset = get_preset(self.config["preset"])
        self.hyperparameters = preset.parse(self.config["hyperparameters"])
        task = preset.task(self.config, self.hyperparameters)
        self.config |= task.facts
        write_json(self.run.path / "config.json", self.config)
        counted = self.config["validation"]["clips"]
        self.log(f"data ready: {task.size} examples an epoch, {counted} clips held out")
        self.reporter.say("loading the backend")
        if backend_ready is not None:
            backend_ready()
        if self.stop.is_set() or self.run.requested == "stop":
            return "stopped", "stopped before the first step; resume starts it"
        import keras

        self.log(f"backend ready: keras {keras.__version__} on {keras.backend.backend()}")
        checkpoint = self._checkpoint()
        model = self._build(task, fresh=checkpoint is None)
        self.log(f"model ready: {model.count_params():,} parameters")
        return self._fit(model, task, checkpoint)

    def _checkpoint(self) -> Checkpoint | None:
        """Where to go on, with everything behind it cut off; None to begin at the beginning."""
        if not self.resume:
            return None
        checkpoint, complaints = newest_checkpoint(self.run.path / "checkpoints")
        for complaint in complaints:
            self.log(complaint)
        step = 0 if checkpoint is None else checkpoint.step
        remove_after(self.run.path / "checkpoints", step)
        cut_history(self.run.path / "history.csv", step if checkpoint else -1)
        self.note = "".join(f"{complaint}; " for complaint in complaints)
        if checkpoint is None:
            self.log("no checkpoint yet: from the beginning")
        else:
            self.log(f"resuming at epoch {checkpoint.epoch}, step {checkpoint.step}")
        return checkpoint

    def _build(self, task: Task, *, fresh: bool) -> keras.Model:
        import keras

        from course_lib.training.model_files import save_model

        keras.utils.set_random_seed(self.config["seed"])
        preset = get_preset(self.config["preset"])
        model = preset.build(
            self.hyperparameters,
            task.shape,
            task.initial if fresh else None,
            self.config["seed"],
            architecture=self.config.get("architecture"),
            **preset.asked(self.config),
        )
        if not (self.run.path / "model" / "hashes.json").is_file():
            save_model(self.run.path, model, step=0, weights=False)
        return model

    def _fit(self, model: keras.Model, task: Task, checkpoint: Checkpoint | None) -> tuple[str, str]:
        from course_lib.training.batches import batches_of
        from course_lib.training.fitting import fit

        batch_size = self.hyperparameters.batch_size
        position = Position(
            epochs=self.config["epochs"],
            batches=batches_of(task, batch_size),
            max_seconds=self.config.get("max_seconds"),
            epoch=checkpoint.epoch if checkpoint else 0,
            batch=checkpoint.batch if checkpoint else 0,
            step=checkpoint.step if checkpoint else 0,
            elapsed_s=checkpoint.elapsed_s if checkpoint else 0.0,
            stop=self.stop,
        )
        self.reporter.position = position
        ladder = Ladder(self.run.path / "previews", task.exhibit())
        ladder.remove_after(position.step if checkpoint else -1)
        fit(
            model,
            task,
            position,
            folder=self.run.path,
            reporter=self.reporter,
            ladder=ladder,
            checkpoint=checkpoint,
            seed=self.config["seed"],
            batch_size=batch_size,
            peak_learning_rate=self.hyperparameters.learning_rate,
            log=self.log,
            note=self.note,
            tensorboard=bool(self.config.get("tensorboard")),
        )
        return self._verdict(position)

    def _verdict(self, position: Position) -> tuple[str, str]:
        taken = f"{position.elapsed_s:.0f} s of training"
        if position.epoch >= position.epochs:
            return "done", f"{self.note}done: {position.epochs} epochs in {taken}"
        if position.stop.is_set():
            where = f"stopped in epoch {position.epoch + 1} of {position.epochs}"
            return "stopped", f"{self.note}{where} after {taken}; resume goes on from here"
        return (
            "done",
            f"{self.note}done: the time was over in epoch {position.epoch + 1} of {position.epochs}",
        )
