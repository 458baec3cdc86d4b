"""One run, seen through its folder: nothing here trains, everything may be called while it does."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from course_lib.training.control import clear_command, read_command, write_command
from course_lib.training.durable import read_json
from course_lib.training.errors import RunError
from course_lib.training.history import read_history
from course_lib.training.preview import Preview, read_previews
from course_lib.training.status import RunStatus, confirmed_status

if TYPE_CHECKING:
    import keras

    from course_lib.audio.representation import Representation


class Run:
    """A run folder. Every method reads afresh and tolerates a run that is being written.

    Parameters
    ----------
    path : Path
        The folder; it need not hold anything yet but ``config.json``.
    """

    def __init__(self, path: Path):
        self.path = Path(path)

    def __repr__(self) -> str:
        return f"Run({str(self.path)!r})"

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.path.name

    def config(self) -> dict[str, Any]:
        """``config.json``.

        Raises
        ------
        RunError
            It is missing or not JSON.
        """
        config = read_json(self.path / "config.json")
        if not isinstance(config, dict):
            raise RunError(f"run {self.name} has no readable config.json in {self.path}; delete the folder")
        return config

    def status(self) -> RunStatus:
        """``status.json``, checked against the machine: a run whose process is gone shows as stopped."""
        return confirmed_status(self.path)

    def history(self) -> dict[str, list[float]]:
        """Columns step, epoch, seconds, loss, val_loss (NaN inside an epoch), learning_rate."""
        return read_history(self.path / "history.csv")

    def previews(self) -> list[Preview]:
        """The ladder so far, by step; each is complete."""
        return read_previews(self.path / "previews")

    def request(self, command: str) -> None:
        """Ask a live run to ``pause``, ``resume`` or ``stop``; it obeys between two batches.

        Raises
        ------
        ValueError
            Another command.
        RunError
            Nothing is running that could obey.
        """
        status = self.status()
        if command in ("pause", "resume", "stop") and not status.live:
            remedy = "it has its model" if status.state == "done" else "start it again with resume"
            raise RunError(f"run {self.name} is {status.state}, so it cannot {command}; {remedy}")
        write_command(self.path, command)

    @property
    def requested(self) -> str | None:
        """The newest wish: ``pause``, ``resume``, ``stop`` or None."""
        return read_command(self.path)

    def clear_request(self) -> None:
        """Forget old wishes before a training starts."""
        clear_command(self.path)

    def representation(self) -> Representation:
        """The representation with its fitted scaling.

        Raises
        ------
        RunError
            The training has not fitted it yet.
        """
        from course_lib.audio.representation import from_config

        config = self.config().get("representation")
        if not config:
            raise RunError(f"run {self.name} has not read its data yet; wait for its first preview")
        return from_config(config)

    def load_model(self) -> keras.Model:
        """The newest weights of the run, in the architecture it recorded. Imports Keras.

        Raises
        ------
        RunError
            Nothing trained yet, a file whose hash changed, or a class that is not allowed.
        """
        from course_lib.training.model_files import load_newest

        return load_newest(self.path)

    def log_tail(self, lines: int = 12) -> str:
        """The last lines of what the training process printed; empty when there is none."""
        try:
            data = (self.path / "log.txt").read_bytes()[-50_000:]
        except OSError:
            return ""
        return "\n".join(data.decode("utf-8", errors="replace").splitlines()[-lines:])

    def best_val_loss(self) -> float | None:
        """The smallest held-out loss of the history, None before the first epoch is over."""
        values = np.asarray(self.history()["val_loss"], float)
        values = values[np.isfinite(values)]
        return float(values.min()) if values.size else None
