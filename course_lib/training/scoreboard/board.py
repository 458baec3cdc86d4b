"""A scoreboard as one JSON document."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from course_lib.training.devices import machine, versions
from course_lib.training.lessons.lesson import Lesson
from course_lib.training.scoreboard.entry import Entry
from course_lib.training.scoreboard.settings import Settings
from course_lib.training.scoreboard.spread import counted, summarise
from course_lib.training.scoreboard.verdicts import judge

SCHEMA = 1


def lesson_board(lesson: Lesson, entries: Sequence[Entry], settings: Settings) -> dict[str, Any]:
    """Everything about one lesson.

    Returns
    -------
    dict
        ``name``, ``title``, ``preset``, ``dataset``, ``protocol``, ``command``; ``entries``
        (:meth:`Entry.as_dict`); ``summary`` (:func:`summarise`) and ``summary_over``, the splits in it;
        ``bars`` (:meth:`Verdict.as_dict`) and ``unjudged``, why there are none; ``passed``.
    """
    command = settings.command(lesson)
    verdicts, unjudged = judge(lesson, entries, command)
    scored = [entry for entry in entries if entry.result is not None]
    protocols = dict.fromkeys(entry.result["protocol"] for entry in scored)
    return {
        "name": lesson.name,
        "title": lesson.title,
        "preset": lesson.preset,
        "dataset": entries[0].job.dataset,
        "seconds": entries[0].job.seconds,
        "seeds": sorted({entry.job.seed for entry in entries}),
        "protocol": next(iter(protocols), ""),
        "command": command,
        "entries": [entry.as_dict() for entry in entries],
        "summary": summarise(lesson, entries, command),
        "summary_over": list(dict.fromkeys(entry.job.held_out for entry in counted(scored))),
        "bars": [verdict.as_dict() for verdict in verdicts],
        "unjudged": unjudged,
        "passed": all(verdict.met for verdict in verdicts) and not any(entry.error for entry in entries),
    }


def scoreboard(boards: Mapping[str, Mapping[str, Any]], command: str) -> dict[str, Any]:
    """The document: ``schema, command, created, machine, versions, passed`` and ``lessons`` by name."""
    return {
        "schema": SCHEMA,
        "command": command,
        "created": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "machine": machine(),
        "versions": versions(),
        "passed": all(board["passed"] for board in boards.values()),
        "lessons": dict(boards),
    }
