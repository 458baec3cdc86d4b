"""A scoreboard on the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from course_lib.commands import bench_cells as cells
from course_lib.commands.measurement import Measurement

if TYPE_CHECKING:
    from rich.console import Console

    from course_lib.training.lessons.lesson import Lesson


def show(board: Mapping[str, Any], lesson: Lesson, console: Console) -> None:
    """Print one lesson: systems, splits, bars, and the command of each figure."""
    from rich.markup import escape

    from course_lib.commands import measurement

    notes = cells.Footnotes()
    if board["summary"]:
        title = f"{cells.heading(board)} {notes.superscript(board['command'])}"
        console.print(
            systems(
                board["summary"],
                lesson,
                cells.sample_of(board),
                title=title,
                caption=cells.legend(lesson, board).replace("share:", "%:", 1),
            )
        )
    if len(board["entries"]) > 1:
        console.print(_splits(board, lesson, notes))
    if board["bars"]:
        measured = [_measurement(bar, notes) for bar in board["bars"]]
        console.print(measurement.table(measured, title="Bars"))
    elif board["unjudged"]:
        console.print(f"No bar is judged: {escape(board['unjudged'])}.", style="dim")
    console.print("Each figure again, by its number:", style="dim")
    for command in notes.commands:
        # One line, however long: it is to be copied.
        console.print(f"{notes.superscript(command)} {escape(command)}", soft_wrap=True, highlight=False)


def systems(
    summary: Mapping[str, Any],
    lesson: Lesson,
    sample: Mapping[str, Any],
    *,
    title: str,
    caption: str,
    marks: Mapping[tuple[str, str, str], bool] | None = None,
):
    """The main table: a line for each system, a column for each metric and, where wanted, its share.

    Parameters
    ----------
    summary : mapping
        :func:`course_lib.training.scoreboard.spread.tabulate`.
    sample : mapping
        An evaluation, for the names of the rows.
    marks : mapping, optional
        (condition, row, metric) of the numbers that a bar is about, and whether it is met.
    """
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    view = Table(
        title=escape(title),
        title_justify="left",
        caption=escape(caption),
        caption_justify="left",
        box=box.SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )
    view.add_column("system", no_wrap=True)
    for metric in lesson.metrics:
        view.add_column(escape(metric.heading), justify="right", no_wrap=True)
        if metric.share:
            # As narrow as can be: the whole table fits a terminal of 80 columns.
            view.add_column("%", justify="right", no_wrap=True, style="dim")
    for condition, rows in summary.items():
        if condition:
            view.add_section()
            view.add_row(f"[italic]{escape(condition)}[/]")
        for row, spreads in rows.items():
            line = [escape(lesson.row_title(row, sample))]
            for metric in lesson.metrics:
                spread = spreads[metric.name]
                text = escape(cells.number(spread, metric, lesson.missing(metric.name, sample)))
                met = (marks or {}).get((condition, row, metric.name))
                if met is not None:
                    text = f"[{'green' if met else 'red'}]{text} {'✓' if met else '✗'}[/]"
                line += [text, cells.share(spread).removesuffix(" %")] if metric.share else [text]
            view.add_row(*line, style="bold" if row == "model" else None)
    return view


def _splits(board: Mapping[str, Any], lesson: Lesson, notes: cells.Footnotes):
    """The model's numbers of each training."""
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    view = Table(title="Each training", title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    view.add_column("held out")
    view.add_column("seed", justify="right")
    for condition in lesson.conditions or ("",):
        for metric in lesson.metrics:
            heading = f"{condition} {metric.heading}".strip()
            view.add_column(escape(heading), justify="right")
    view.add_column("run")
    view.add_column("training")
    view.add_column("", no_wrap=True)
    for entry in board["entries"]:
        numbers = []
        tables = lesson.tables(entry["result"]["rows"]) if entry["result"] else {}
        for condition in lesson.conditions or ("",):
            row = tables.get(condition, {}).get("model", {})
            numbers += [metric.text(row.get(metric.name)) for metric in lesson.metrics]
        view.add_row(
            escape(entry["held_out"]),
            str(entry["seed"]),
            *numbers,
            escape(entry["runs"].get(lesson.preset, "")),
            f"[red]{escape(entry['error'])}[/]" if entry["error"] else entry["training"],
            notes.superscript(entry["command"]),
        )
    return view


def _measurement(bar: Mapping[str, Any], notes: cells.Footnotes) -> Measurement:
    return Measurement(
        bar["title"],
        bar["value"],
        bar["unit"],
        bar["limit"],
        at_least=bar["at_least"],
        note=f"{bar['note']} {notes.superscript(bar['command'])}",
        command=bar["command"],
    )
