"""Numbers of several speakers and seeds as one: mean, spread, interval, every value kept."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from course_lib.training.lessons.lesson import Lesson
from course_lib.training.scoreboard.entry import Entry


def summarise(lesson: Lesson, entries: Sequence[Entry], command: str) -> dict[str, Any]:
    """:func:`tabulate` of the entries that have a result.

    Of single speakers and groups of them together, where there are both, the single ones count: a mean over
    both would count a speaker twice.
    """
    scored = counted([entry for entry in entries if entry.result is not None])
    sources = [
        {"held_out": e.job.held_out, "seed": e.job.seed, "command": e.job.command, "result": e.result}
        for e in scored
    ]
    return tabulate(lesson, sources, command)


def tabulate(lesson: Lesson, sources: Sequence[Mapping[str, Any]], command: str) -> dict[str, Any]:
    """``{condition: {row: {metric: spread}}}`` of several evaluations.

    Parameters
    ----------
    sources : sequence of dict
        ``held_out``, ``seed``, ``command`` and ``result``, an evaluation, each.
    command : str
        What makes all these figures.

    Returns
    -------
    dict
        A spread is what :func:`spread` gives with ``se`` (of one evaluation alone: the standard error over
        its items), ``share``, the mean share of the way from floor to ceiling (None where an evaluation
        has none), and ``command``.
    """
    tables = [lesson.tables(source["result"]["rows"]) for source in sources]
    summary: dict[str, Any] = {}
    for condition in tables[0] if tables else ():
        rows = list(dict.fromkeys(row for table in tables for row in table[condition]))
        parts = [table[condition] for table in tables]
        summary[condition] = {
            row: {
                metric.name: _cell(sources, parts, row, metric.name) | {"command": command}
                for metric in lesson.metrics
            }
            for row in rows
        }
    return summary


def counted(entries: Sequence[Entry]) -> list[Entry]:
    """The entries that a mean over speakers is taken of."""
    single = [entry for entry in entries if len(entry.job.holdout) == 1]
    several = len({entry.job.holdout for entry in single}) > 1
    return single if several else list(entries)


def spread(values: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Mean and spread of ``values``, dicts of ``held_out``, ``seed`` and ``value``.

    Speakers weigh alike, however many seeds each has: the mean is over the speakers' means.

    Returns
    -------
    dict
        ``mean``; ``sd_speakers``, the standard deviation of the speakers' means; ``sd_seeds``, that of seeds
        of one speaker, pooled; ``interval``, Student's 95 % interval of the mean over speakers, over seeds
        where there is one speaker; ``over``, which of the two; ``n``, how many of those; ``values``. None
        where one value does not define it. ``mean`` is None, too, when a value is missing: a model that could
        not be scored somewhere must not gain by it.
    """
    groups: dict[str, list[float]] = {}
    for item in values:
        groups.setdefault(item["held_out"], []).append(item["value"])
    summary: dict[str, Any] = {
        "mean": None, "sd_speakers": None, "sd_seeds": None, "interval": None, "over": None,
        "n": len(groups), "values": [dict(item) for item in values],
    }  # fmt: skip
    if not groups or any(value is None or not math.isfinite(value) for g in groups.values() for value in g):
        return summary
    means = [statistics.fmean(group) for group in groups.values()]
    summary["mean"] = statistics.fmean(means)
    repeated = [group for group in groups.values() if len(group) > 1]
    if repeated:
        summary["sd_seeds"] = math.sqrt(statistics.fmean(map(statistics.variance, repeated)))
    if len(means) > 1:
        summary["sd_speakers"] = statistics.stdev(means)
    over, sample = ("speakers", means) if len(means) > 1 else ("seeds", next(iter(groups.values())))
    if len(sample) > 1:
        half = _student(len(sample) - 1) * statistics.stdev(sample) / math.sqrt(len(sample))
        summary |= {
            "over": over,
            "n": len(sample),
            "interval": [summary["mean"] - half, summary["mean"] + half],
        }
    return summary


def _cell(
    sources: Sequence[Mapping[str, Any]],
    tables: Sequence[Mapping[str, Any]],
    row: str,
    metric: str,
) -> dict[str, Any]:
    values, shares = [], []
    for source, table in zip(sources, tables, strict=True):
        facts = {name: source[name] for name in ("held_out", "seed", "command")}
        numbers = table.get(row, {})
        values.append(facts | {"value": numbers.get(metric), "se": numbers.get(f"{metric}_se")})
        shares.append(numbers.get(f"{metric}_share"))
    summary = spread(values)
    return summary | {
        "se": values[0]["se"] if len(values) == 1 else None,
        "share": None if summary["mean"] is None or None in shares else statistics.fmean(shares),
    }


def _student(freedom: int) -> float:
    """The two-sided 95 % quantile of Student's t."""
    from scipy.stats import t

    return float(t.ppf(0.975, freedom))
