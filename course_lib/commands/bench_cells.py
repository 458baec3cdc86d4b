"""The words and numbers of a scoreboard, for the terminal and for Markdown alike."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from course_lib.commands.measurement import Measurement

if TYPE_CHECKING:
    from course_lib.training.lessons.lesson import Lesson
    from course_lib.training.lessons.metric import Metric

SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


class Footnotes:
    """Numbers the commands that made the figures, each once."""

    def __init__(self):
        self.commands: list[str] = []

    def number(self, command: str) -> int:
        """The number of a command, a new one if it is new."""
        if command not in self.commands:
            self.commands.append(command)
        return self.commands.index(command) + 1

    def superscript(self, command: str) -> str:
        """The number as a superscript, for a terminal."""
        return superscript(self.number(command))


def superscript(number: int) -> str:
    """A number written small."""
    return str(number).translate(SUPERSCRIPTS)


def number(spread: Mapping[str, Any], metric: Metric, missing: str = "n/a") -> str:
    """``0.879 ± 0.004``: a mean and its deviation, or why there is none."""
    if spread["mean"] is None:
        return missing
    text = metric.text(spread["mean"])
    deviations = (spread[name] for name in ("sd_speakers", "sd_seeds", "se"))
    deviation = next((value for value in deviations if value is not None), None)
    return text if deviation is None else f"{text} ± {metric.text(deviation)}"


def share(spread: Mapping[str, Any]) -> str:
    """``78 %`` of the way from floor to ceiling, empty where there is none."""
    return "" if spread["share"] is None else f"{100 * spread['share']:.0f} %"


def deviation(summary: Mapping[str, Any]) -> str:
    """What stands behind ± in a table, as a sentence; empty when nothing does."""
    spreads = [spread for rows in summary.values() for row in rows.values() for spread in row.values()]
    for name, words in (
        ("sd_speakers", "±: standard deviation of the means of {n} splits"),
        ("sd_seeds", "±: standard deviation over seeds"),
        ("se", "±: standard error over the scored items"),
    ):
        found = [spread for spread in spreads if spread[name] is not None]
        if found:
            return words.format(n=found[0]["n"]) + "."
    return ""


def interval(spread: Mapping[str, Any], metric: Metric) -> str:
    """``0.86 to 0.89``: Student's 95 % interval, empty for one value."""
    if spread["interval"] is None:
        return ""
    low, high = spread["interval"]
    return f"{metric.text(low)} to {metric.text(high)}"


def legend(lesson: Lesson, board: Mapping[str, Any]) -> str:
    """What a reader of the main table must know."""
    parts = ["↑ higher is better, ↓ lower is better."]
    if lesson.share_words and any(metric.share for metric in lesson.metrics):
        parts.append(f"share: of the way {lesson.share_words}.")
    return " ".join(part for part in (*parts, deviation(board["summary"]), board["protocol"]) if part)


def sample_of(board: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Any evaluation of the board, for the names of its rows."""
    return next((entry["result"] for entry in board["entries"] if entry["result"]), None)


def heading(board: Mapping[str, Any]) -> str:
    """What the main table is of."""
    over = board["summary_over"]
    who = over[0] if len(over) == 1 else f"{len(over)} splits in turn"
    seeds = len(board["seeds"])
    seed_words = f"{seeds} seeds" if seeds > 1 else f"seed {board['seeds'][0]}"
    return f"{board['title']}: {board['dataset']}, held out: {who}, {seed_words}, {board['seconds']:g} s each"


def measurement(bar: Mapping[str, Any], note: str) -> Measurement:
    """A verdict as a line of the table of bars, with ``note`` as how it was measured."""
    # A limit that another row did not give is missed all the same.
    limit = math.nan if bar["limit"] is None else bar["limit"]
    return Measurement(
        bar["title"],
        bar["value"],
        bar["unit"],
        limit,
        at_least=bar["at_least"],
        note=note,
        command=bar["command"],
    )
