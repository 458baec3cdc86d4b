"""Who is told how a scoreboard comes along."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from course_lib.training.run_folder import Run
    from course_lib.training.scoreboard.entry import Entry
    from course_lib.training.scoreboard.job import Job
    from course_lib.training.status import RunStatus


class Watcher:
    """Ignores everything; subclasses show it."""

    def begins(self, job: Job) -> None:
        """A job is taken up."""

    def training(self, job: Job, run: Run, how: str) -> None:
        """``how``: the run is ``trained``, ``resumed``, ``awaited`` or ``reused``."""

    def status(self, job: Job, run: Run, status: RunStatus) -> None:
        """Where a training is, several times a second."""

    def scoring(self, job: Job, row: str) -> None:
        """A row of the table is computed; an empty name: all scores are there from an earlier time."""

    def stale(self, job: Job, changed: list[str]) -> None:
        """Scores from an earlier time are not used, because of these differences."""

    def ends(self, entry: Entry) -> None:
        """A job is over, well or badly."""
