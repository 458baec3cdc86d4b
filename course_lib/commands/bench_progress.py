"""How a scoreboard comes along: one moving line on a terminal, a line an event elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from course_lib.commands.bench_plan import Outlook, words
from course_lib.training.scoreboard.watcher import Watcher

if TYPE_CHECKING:
    from rich.console import Console

    from course_lib.training.scoreboard.job import Job


class BenchProgress(Watcher):
    """Use as a context manager.

    Parameters
    ----------
    jobs : sequence of (Job, Outlook)
        All that will be done, in order.
    clock : callable
        Seconds.
    """

    def __init__(
        self,
        jobs: Sequence[tuple[Job, Outlook]],
        console: Console,
        *,
        clock: Callable[[], float] = time.monotonic,
    ):
        self.console = console
        self._clock = clock
        self._jobs = list(jobs)
        self._index = -1
        self._began = 0.0
        # What was expected of the jobs that took any time, and what they took: the rest is scaled by it.
        self._expected = self._taken = 0.0
        self._status = console.status("") if console.is_terminal else None

    def __enter__(self) -> BenchProgress:
        if self._status is not None:
            self._status.start()
        return self

    def __exit__(self, *error) -> None:
        if self._status is not None:
            self._status.stop()

    def begins(self, job):
        self._index += 1
        self._began = self._clock()

    def training(self, job, run, how):
        words = {
            "trained": f"trains as {run.name}",
            "resumed": f"goes on with {run.name}",
            "awaited": f"waits for {run.name}, which is training already",
            "reused": f"reuses the finished training {run.name}",
        }[how]
        self._say(f"{self._where(job)}: {words}")

    def status(self, job, run, status):
        here = f"epoch {min(status.epoch + 1, status.epochs)} of {status.epochs}"
        if status.state == "running" and status.step:
            left = status.eta_s
            here += "" if left is None else f", {words(left)} left"
        else:
            left, here = None, status.message or status.state
        current = None if left is None else left + job.lesson.scoring_seconds
        self._show(f"{self._where(job)}: {here}; {self._in_all(current)}")

    def scoring(self, job, row):
        if not row:
            self._say(f"{self._where(job)}: reuses its scores")
        else:
            self._show(f"{self._where(job)}: scoring {row}; {self._in_all(None)}")

    def stale(self, job, changed):
        self._say(f"{self._where(job)}: scores anew, for since the last time changed: {', '.join(changed)}")

    def ends(self, entry):
        outlook = self._jobs[self._index][1]
        if outlook.seconds and not entry.error:
            self._expected += outlook.seconds
            self._taken += self._clock() - self._began
        if entry.error:
            self._say(f"{self._where(entry.job)}: failed: {entry.error}", style="red")
        elif entry.scoring == "scored":
            self._say(f"{self._where(entry.job)}: scored; {self._in_all(0.0)}")

    def seconds_left(self, current: float | None = None) -> float:
        """Estimated seconds to the end of everything.

        Parameters
        ----------
        current : float, optional
            What is left of the present job, if it is known better than by its plan.
        """
        scale = self._taken / self._expected if self._expected else 1.0
        if current is None:
            planned = scale * self._jobs[self._index][1].seconds
            current = max(0.0, planned - (self._clock() - self._began))
        return current + scale * sum(outlook.seconds for _, outlook in self._jobs[self._index + 1 :])

    def _in_all(self, current: float | None) -> str:
        left = self.seconds_left(current)
        return f"about {words(left)} in all" if left >= 1 else "at the end"

    def _where(self, job: Job) -> str:
        return f"[{self._index + 1} of {len(self._jobs)}] {job.label}"

    def _say(self, text: str, style: str | None = None) -> None:
        # Not markup: a square bracket stands at its beginning.
        self.console.print(text, style=style, markup=False, highlight=False, soft_wrap=True)

    def _show(self, text: str) -> None:
        if self._status is not None:
            from rich.markup import escape

            self._status.update(escape(text))
