"""A lesson's bars against what was measured."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from course_lib.training.lessons.bar import FACTS, Bar
from course_lib.training.lessons.lesson import Lesson
from course_lib.training.scoreboard.entry import Entry


@dataclass(frozen=True)
class Verdict:
    """One bar, judged by the mean over seeds of the lesson's own task.

    Attributes
    ----------
    title, unit : str
        What is judged, for people.
    value, limit : float or None
        None where it was not measured: the bar is then missed.
    note : str
        What it was judged by, or why there is no number.
    command : str
        What makes this number.
    """

    title: str
    unit: str
    metric: str
    row: str
    condition: str | None
    value: float | None
    limit: float | None
    at_least: bool
    met: bool
    note: str
    command: str

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return asdict(self)


def judge(lesson: Lesson, entries: Sequence[Entry], command: str) -> tuple[list[Verdict], str]:
    """Verdicts on the lesson's bars, and why there are none where they do not hold for what was measured.

    Parameters
    ----------
    command : str
        What makes all of ``entries``; a verdict on one of them names that one's own.
    """
    own = [entry for entry in entries if not entry.job.unjudged]
    if not lesson.bars or not own:
        reasons = list(dict.fromkeys(entry.job.unjudged for entry in entries))
        return [], "it has no bars" if not lesson.bars else "; ".join(reasons)
    command = own[0].job.command if len(own) == 1 else command
    return [_judge(lesson, bar, own, command) for bar in lesson.bars], ""


def _judge(lesson: Lesson, bar: Bar, entries: Sequence[Entry], command: str) -> Verdict:
    metric = lesson.metric(bar)
    values = [entry.result and bar.value(entry.result) for entry in entries]
    limits = [entry.result and bar.limit(entry.result) for entry in entries]
    if bar.of is None:
        limits = [bar.threshold]
    value, limit = _mean(values), _mean(limits)
    seeds = len(entries)
    note = f"{entries[0].job.held_out} held out, " + (f"mean of {seeds} seeds" if seeds > 1 else "one seed")
    errors = [entry.error for entry in entries if entry.error]
    if value is None or limit is None:
        note = f"not measured: {errors[0] if errors else 'this machine has no score for it'}"
    named = [bar.condition] if bar.condition else []
    if bar.row not in ("model", FACTS):
        named.append(bar.row.replace("_", " "))
    if bar.of is not None:
        named.append(f"against {bar.of.replace('_', ' ')}")
    return Verdict(
        title=f"{metric.title} ({', '.join(named)})" if named else metric.title,
        unit=metric.unit,
        metric=bar.metric,
        row=bar.row,
        condition=bar.condition,
        value=value,
        limit=limit,
        at_least=bar.at_least,
        met=bar.met(value, limit),
        note=note,
        command=command,
    )


def _mean(values: Sequence[float | None]) -> float | None:
    """None as soon as one is missing: what could not be scored must not help."""
    return None if not values or None in values else statistics.fmean(values)
