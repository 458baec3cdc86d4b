"""A scoreboard as Markdown: tables, and a footnote with its command for every figure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from course_lib.commands import bench_cells as cells
from course_lib.commands.measurement import Measurement, number

if TYPE_CHECKING:
    from course_lib.training.lessons.lesson import Lesson

# What would be markup, a table's border or HTML in a cell. A full stop or a minus sign inside it is not.
SPECIAL = re.compile(r"([\\`*_{}\[\]<>|~#])")


def escape(text: str) -> str:
    """Text for a cell or a paragraph: nothing in it is markup, and it stays on one line."""
    return SPECIAL.sub(r"\\\1", " ".join(str(text).split()))


def code(text: str) -> str:
    """Text as code, whatever backticks are in it."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def document(content: Mapping[str, Any], lessons: Mapping[str, Lesson]) -> str:
    """The whole scoreboard (:func:`course_lib.training.scoreboard.board.scoreboard`)."""
    notes = cells.Footnotes()
    machine = content["machine"]
    about = (
        f"Made by {code(content['command'])} on {machine['cores']} cores ({machine['cpu']}), "
        f"{content['created'][:10]}, latent-sound {content['versions']['latent-sound']}."
    )
    parts = ["# Scoreboard", about]
    for name, board in content["lessons"].items():
        parts += _lesson(board, lessons[name], notes)
    return "\n\n".join([*parts, footnotes(notes)]) + "\n"


def measurements(rows: Sequence[Measurement], *, title: str, about: str = "") -> str:
    """Single measurements as a document of one table."""
    notes = cells.Footnotes()
    return (
        "\n\n".join(
            part for part in (f"# {escape(title)}", about, _bars(rows, notes), footnotes(notes)) if part
        )
        + "\n"
    )


def footnotes(notes: cells.Footnotes) -> str:
    """The commands, in the order of their numbers."""
    return "\n".join(f"[^{i}]: {code(command)}" for i, command in enumerate(notes.commands, start=1))


def table(headings: Sequence[str], rows: Sequence[Sequence[str]], *, left: int = 1) -> str:
    """A table whose cells are Markdown already; the first ``left`` columns are text, the others numbers."""
    rule = ["---" if i < left else "---:" for i in range(len(headings))]
    return "\n".join(f"| {' | '.join(line)} |" for line in (headings, rule, *rows))


def _lesson(board: Mapping[str, Any], lesson: Lesson, notes: cells.Footnotes) -> list[str]:
    parts = [f"## {escape(board['title'])}"]
    if board["summary"]:
        parts.append(f"{escape(cells.heading(board))}. {_note(notes, board['command'])}")
        parts += _systems(board, lesson, notes)
        parts.append(escape(cells.legend(lesson, board)))
    if len(board["entries"]) > 1 or not board["summary"]:
        parts.append(_trainings(board, lesson, notes))
    if board["bars"]:
        parts.append(_bars([cells.measurement(bar, bar["note"]) for bar in board["bars"]], notes))
    elif board["unjudged"]:
        parts.append(f"No bar is judged: {escape(board['unjudged'])}.")
    return parts


def _systems(board: Mapping[str, Any], lesson: Lesson, notes: cells.Footnotes) -> list[str]:
    sample, made = cells.sample_of(board), []
    headings = ["system"]
    for metric in lesson.metrics:
        headings += [escape(metric.heading), "share"] if metric.share else [escape(metric.heading)]
    several = any(s["interval"] for rows in board["summary"].values() for s in rows.get("model", {}).values())
    for condition, rows in board["summary"].items():
        lines = []
        for row, spreads in rows.items():
            line = [escape(lesson.row_title(row, sample))]
            for metric in lesson.metrics:
                text = cells.number(spreads[metric.name], metric, lesson.missing(metric.name, sample))
                line += [escape(text), cells.share(spreads[metric.name])] if metric.share else [escape(text)]
            lines.append([f"**{cell}**" if row == "model" and cell else cell for cell in line])
        if several and "model" in rows:
            line = ["model, 95 % interval of the mean"]
            for metric in lesson.metrics:
                line += [cells.interval(rows["model"][metric.name], metric)] + [""] * metric.share
            lines.append(line)
        made += [f"### {escape(condition)}"] if condition else []
        made.append(table(headings, lines))
    return made


def _trainings(board: Mapping[str, Any], lesson: Lesson, notes: cells.Footnotes) -> str:
    columns = [(condition, metric) for condition in lesson.conditions or ("",) for metric in lesson.metrics]
    headings = ["held out", "run", "seed"]
    headings += [escape(f"{condition} {metric.heading}".strip()) for condition, metric in columns]
    lines = []
    for entry in board["entries"]:
        tables = lesson.tables(entry["result"]["rows"]) if entry["result"] else {}
        run = escape(entry["runs"].get(lesson.preset, ""))
        if entry["error"]:
            run = f"{run} **failed**: {escape(entry['error'])}".strip()
        line = [f"{escape(entry['held_out'])} {_note(notes, entry['command'])}", run, str(entry["seed"])]
        line += [metric.text(tables.get(c, {}).get("model", {}).get(metric.name)) for c, metric in columns]
        lines.append(line)
    return table(headings, lines, left=2)


def _bars(rows: Sequence[Measurement], notes: cells.Footnotes) -> str:
    lines = []
    for m in rows:
        sign = "≥" if m.at_least else "≤"
        mark = "" if m.bar is None else "met" if m.met else "**missed**"
        value = "n/a" if m.value is None else number(m.value, m.unit)
        lines.append(
            [
                escape(m.name),
                escape(m.note) + (f" {_note(notes, m.command)}" if m.command else ""),
                value,
                "" if m.bar is None else f"{sign} {number(m.bar, m.unit)}",
                mark,
            ]
        )
    return table(["", "how", "measured", "bar", ""], lines, left=2)


def _note(notes: cells.Footnotes, command: str) -> str:
    return f"[^{notes.number(command)}]"
