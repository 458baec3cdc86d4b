"""The progress line of a training: a moving one on a terminal, a line an epoch elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from course_lib.training.status import RunStatus
    from course_lib.training.store import Run


class Display:
    """Use as a context manager; ``show`` as often as you like.

    Parameters
    ----------
    console : rich.console.Console
    """

    def __init__(self, console: Console):
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        self.console = console
        self._note = ""
        self._epoch = 0
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=30),
            TextColumn("{task.fields[eta]}"),
            TimeElapsedColumn(),
            console=console,
            disable=not console.is_terminal,
        )
        self._task = self._progress.add_task("starting", total=1.0, eta="")

    def __enter__(self) -> Display:
        self._progress.start()
        return self

    def __exit__(self, *error) -> None:
        self._progress.stop()

    def note(self, text: str) -> None:
        """Say something in place of the state from now on."""
        self._note = text

    def show(self, status: RunStatus, run: Run) -> None:
        """Bring the line up to date."""
        line = describe(status, run.history())
        if self.console.is_terminal:
            eta = status.eta_s
            done = (
                status.elapsed_s / (status.elapsed_s + eta) if eta is not None and status.elapsed_s else 0.0
            )
            self._progress.update(
                self._task,
                description=f"{self._note or status.message}  {line}".strip(),
                completed=1.0 if status.state == "done" else done,
                eta="" if eta is None else f"{duration(eta)} left",
            )
        elif status.epoch > self._epoch:
            self._epoch = status.epoch
            left = "" if status.eta_s is None else f", {duration(status.eta_s)} left"
            self.console.print(f"{line}{left}", highlight=False)


def describe(status: RunStatus, history: dict[str, list[float]]) -> str:
    """Epoch and losses in words."""
    parts = [f"epoch {min(status.epoch + 1, status.epochs)}/{status.epochs}" if status.live else ""]
    if status.epoch and not status.live:
        parts = [f"epoch {status.epoch}/{status.epochs}"]
    if history["loss"]:
        parts.append(f"loss {history['loss'][-1]:.4f}")
    held_out = [value for value in history["val_loss"] if value == value]
    if held_out:
        parts.append(f"held-out {held_out[-1]:.4f}")
    return "  ".join(part for part in parts if part)


def duration(seconds: float) -> str:
    """``2:05`` or ``1:02:05``."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
