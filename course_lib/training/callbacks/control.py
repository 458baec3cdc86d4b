"""Obeys ``control.json`` between two batches, and the time limit."""

from __future__ import annotations

import time
from pathlib import Path

import keras

from course_lib.training.control import read_command
from course_lib.training.position import Position
from course_lib.training.reporter import StatusReporter

POLL_SECONDS = 0.2


class Control(keras.callbacks.Callback):
    """Pause, resume, stop. While paused the loop waits here; the heart goes on in its thread."""

    def __init__(self, folder: Path, position: Position, reporter: StatusReporter):
        super().__init__()
        self.folder = Path(folder)
        self.position = position
        self.reporter = reporter
        self._looked = 0.0

    def on_train_batch_end(self, batch, logs=None):
        if time.monotonic() - self._looked >= POLL_SECONDS:
            self._obey()
            self._looked = time.monotonic()
        if self.position.stop.is_set() or self.position.out_of_time:
            self.model.stop_training = True

    def on_epoch_end(self, epoch, logs=None):
        # fit() has cleared nothing since the last batch, but a stop may have come during validation.
        self.on_train_batch_end(0)

    def _obey(self) -> None:
        command = read_command(self.folder)
        if command == "pause" and not self.position.stop.is_set():
            self.position.stop_clock()
            self.reporter.say("paused", state="paused")
            while command == "pause" and not self.position.stop.is_set():
                time.sleep(POLL_SECONDS / 2)
                command = read_command(self.folder) or command
            self.position.start_clock()
            if command != "stop":
                self.reporter.say("training", state="running")
        if command == "stop":
            self.position.stop.set()
