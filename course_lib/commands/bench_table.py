"""A scoreboard on the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from course_lib.commands import bench_cells as cells

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from course_lib.training.lessons.lesson import Lesson
    from course_lib.training.lessons.metric import Metric


def show(board: Mapping[str, Any], lesson: Lesson, console: Console) -> None:
    """Print one lesson: systems, splits, bars, and the command of each figure."""
    from rich.markup import escape

    from course_lib.commands import measurement

    notes = cells.Footnotes()
    if board["summary"]:
        title = f"{cells.heading(board)} {notes.superscript(board['command'])}"
        caption = cells.legend(lesson, board).replace("share:", "%:", 1)
        sample = cells.sample_of(board)
        for view in systems(
            board["summary"], lesson, sample, title=title, caption=caption, width=console.width
        ):
            console.print(view)
    if len(board["entries"]) > 1 or not board["summary"]:
        console.print(_trainings(board, lesson, notes))
    if board["bars"]:
        measured = [
            cells.measurement(bar, f"{bar['note']} {notes.superscript(bar['command'])}")
            for bar in board["bars"]
        ]
        console.print(measurement.table(measured, title="Bars"))
    elif board["unjudged"]:
        console.print(f"No bar is judged: {escape(board['unjudged'])}.", style="dim")
    _footnotes(board, notes, console)


def systems(
    summary: Mapping[str, Any],
    lesson: Lesson,
    sample: Mapping[str, Any],
    *,
    title: str,
    caption: str,
    width: int = 80,
    marks: Mapping[tuple[str, str, str], bool] | None = None,
) -> list[Table]:
    """The main table: a line for each system, a column for each metric and, where wanted, its share.

    Parameters
    ----------
    summary : mapping
        :func:`course_lib.training.scoreboard.spread.tabulate`.
    sample : mapping
        An evaluation, for the names of the rows.
    width : int
        Columns of the terminal: what is wider becomes several tables, one below the other.
    marks : mapping, optional
        (condition, row, metric) of the numbers that a bar is about, and whether it is met.
    """
    from rich.console import Console
    from rich.markup import escape

    measure = Console(width=10_000).measure
    parts: list[list[Metric]] = [[]]
    for metric in lesson.metrics:
        wider = _systems(summary, lesson, sample, [*parts[-1], metric], marks or {})
        if parts[-1] and measure(wider).maximum > width:
            parts.append([])
        parts[-1].append(metric)
    tables = [_systems(summary, lesson, sample, part, marks or {}) for part in parts]
    tables[0].title, tables[-1].caption = escape(title), escape(caption)
    return tables


def _systems(summary, lesson: Lesson, sample, metrics: Sequence[Metric], marks) -> Table:
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    view = Table(
        title_justify="left",
        caption_justify="left",
        box=box.SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )
    view.add_column("system", no_wrap=True)
    for metric in metrics:
        view.add_column(_heading(metric.heading), justify="right", no_wrap=True)
        if metric.share:
            # As narrow as can be: the whole table fits a terminal of 80 columns.
            view.add_column("%", justify="right", no_wrap=True, style="dim")
    for condition, rows in summary.items():
        if condition:
            view.add_section()
            view.add_row(f"[italic]{escape(condition)}[/]")
        for row, spreads in rows.items():
            line = [escape(lesson.row_title(row, sample))]
            for metric in metrics:
                spread = spreads[metric.name]
                text = escape(cells.number(spread, metric, lesson.missing(metric.name, sample)))
                met = marks.get((condition, row, metric.name))
                if met is not None:
                    text = f"[{'green' if met else 'red'}]{text} {'✓' if met else '✗'}[/]"
                line += [text, cells.share(spread).removesuffix(" %")] if metric.share else [text]
            view.add_row(*line, style="bold" if row == "model" else None)
    return view


def _heading(text: str) -> str:
    """A long heading on several lines."""
    import textwrap

    from rich.markup import escape

    return escape("\n".join(textwrap.wrap(text, 14)))


def _trainings(board: Mapping[str, Any], lesson: Lesson, notes: cells.Footnotes) -> Table:
    """The model's numbers of each training."""
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    columns = [(condition, metric) for condition in lesson.conditions or ("",) for metric in lesson.metrics]
    view = Table(
        title="Each training",
        title_justify="left",
        box=box.SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )
    view.add_column("held out")
    view.add_column("seed", justify="right")
    for condition, metric in columns:
        view.add_column(_heading(f"{condition} {metric.heading}".strip()), justify="right")
    for entry in board["entries"]:
        tables = lesson.tables(entry["result"]["rows"]) if entry["result"] else {}
        numbers = [metric.text(tables.get(c, {}).get("model", {}).get(metric.name)) for c, metric in columns]
        mark = notes.superscript(entry["command"])
        view.add_row(f"{escape(entry['held_out'])} {mark}", str(entry["seed"]), *numbers)
    return view


def _footnotes(board: Mapping[str, Any], notes: cells.Footnotes, console: Console) -> None:
    """Each figure's command, and where it came from or what went wrong."""
    from rich.markup import escape

    entries = {entry["command"]: entry for entry in board["entries"]}
    console.print("Each figure again, by its number:", style="dim")
    for command in notes.commands:
        # One line, however long: it is to be copied.
        console.print(f"{notes.superscript(command)} {escape(command)}", soft_wrap=True, highlight=False)
        if entry := entries.get(command):
            runs = ", ".join(entry["runs"].values())
            text = entry["error"] or f"{entry['training']}: {runs}"
            style = "red" if entry["error"] else "dim"
            console.print(f"  {escape(text)}", style=style, soft_wrap=True, highlight=False)
