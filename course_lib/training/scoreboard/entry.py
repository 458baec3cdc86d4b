"""What came of one job."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from course_lib.training.scoreboard.job import Job


@dataclass(frozen=True)
class Entry:
    """One figure's numbers and where they come from, or why there are none.

    Attributes
    ----------
    runs : dict of str to str
        Names of the runs by preset.
    training : str
        ``trained``, ``resumed``, ``awaited`` (it was training already) or ``reused``; of several trainings
        what was most work.
    scoring : str
        ``scored`` or ``reused``; empty where it did not come to that.
    result : dict or None
        See :func:`course_lib.training.scoreboard.evaluations.score`.
    error : str or None
        What went wrong.
    """

    job: Job
    runs: dict[str, str] = field(default_factory=dict)
    training: str = ""
    scoring: str = ""
    result: dict[str, Any] | None = None
    error: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "holdout": list(self.job.holdout),
            "held_out": self.job.held_out,
            "seed": self.job.seed,
            "command": self.job.command,
            "runs": self.runs,
            "training": self.training,
            "scoring": self.scoring,
            "error": self.error,
            "result": self.result,
        }
