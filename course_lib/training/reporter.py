"""Keeps ``status.json`` fresh from a thread of its own, so that the heart beats while the loop is paused."""

from __future__ import annotations

import threading
from pathlib import Path

from course_lib.training.position import Position
from course_lib.training.status import RunStatus, identity, write_status

BEAT_SECONDS = 0.5


class StatusReporter:
    """Writes the status of one training every half second, and at once when its state changes.

    Parameters
    ----------
    folder : Path
        The run folder.
    status : RunStatus
        What is known before the training has a position.
    """

    def __init__(self, folder: Path, status: RunStatus):
        self.folder = Path(folder)
        self.position: Position | None = None
        self._state = status.state
        self._message = status.message
        self._error: str | None = None
        self._base = status
        self._identity = identity()
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)

    def start(self) -> None:
        """Begin to beat."""
        self._write()
        self._thread.start()

    def say(self, message: str, *, state: str | None = None) -> None:
        """Change what people read, and the state if given."""
        with self._lock:
            changed = state is not None and state != self._state
            self._message = message
            self._state = state or self._state
        if changed:
            self._write()

    @property
    def state(self) -> str:
        """The state as last said."""
        return self._state

    def end(self, state: str, message: str, error: str | None = None) -> None:
        """The last word: it is synced to the disk, and nothing is written after it."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)
        with self._lock:
            self._state, self._message, self._error = state, message, error
        self._write(sync=True)

    def _beat(self) -> None:
        while not self._ended.wait(BEAT_SECONDS):
            self._write()

    def _write(self, *, sync: bool = False) -> None:
        with self._lock:
            position, base = self.position, self._base
            live = self._state in ("running", "paused", "queued")
            numbers = {
                "step": base.step,
                "epoch": base.epoch,
                "epochs": base.epochs,
                "elapsed_s": base.elapsed_s,
            }
            if position is not None:
                numbers = {
                    "step": position.step,
                    "epoch": position.epoch,
                    "epochs": position.epochs,
                    "elapsed_s": round(position.elapsed_s, 3),
                    "eta_s": position.eta_s if live else None,
                }
            status = RunStatus(
                state=self._state,
                message=self._message,
                error=self._error,
                **numbers,
                **self._identity | {"heartbeat": identity()["heartbeat"]},
            )
            write_status(self.folder, status, sync=sync)
