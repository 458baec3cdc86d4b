"""What ``course bench speed`` measured, as a table, JSON and Markdown."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from course_lib.commands import bench_cells as cells
from course_lib.commands.measurement import number

if TYPE_CHECKING:
    from rich.console import Console

    from course_lib.commands.speed.comparison import Comparison

ABOUT = (
    "Ours and the usual way took turns in one run. Ratio: the median of the turns' (smallest to largest), "
    "above 1 where ours is better."
)


def command(parts: Sequence[str], presets: Sequence[str], *, dataset: str, quick: bool) -> str:
    """The command that measures these parts."""
    words = ["course", "bench", "speed"]
    for option, names in (("--only", parts), ("--preset", presets)):
        for name in names:
            words += [option, name]
    return shlex.join([*words, "--dataset", dataset, *(["--quick"] if quick else [])])


def show(rows: Sequence[Comparison], command: str, console: Console) -> None:
    """Print the table and each figure's command."""
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    view = Table(
        title="Speed",
        title_justify="left",
        caption=ABOUT,
        caption_justify="left",
        box=box.SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
    )
    view.add_column("")
    for heading in ("ours", "usual", "ratio", "bar"):
        view.add_column(heading, justify="right")
    for i, row in enumerate(rows, start=1):
        bar = "" if row.bar is None else f"≥ {row.bar:g} {'[green]✓[/]' if row.met else '[red]✗[/]'}"
        name = f"{escape(row.name)} {cells.superscript(i)}"
        view.add_row(name, _number(row.ours, row.unit), _number(row.usual, row.unit), _ratio(row), bar)
    console.print(view)
    for i, row in enumerate(rows, start=1):
        console.print(f"{cells.superscript(i)} {escape(row.how)}", style="dim", highlight=False)
        console.print(f"  {escape(row.command)}", soft_wrap=True, highlight=False)
    if len({row.command for row in rows}) > 1:
        console.print(f"All: {escape(command)}", soft_wrap=True, highlight=False)


def write(
    rows: Sequence[Comparison], command: str, json_file: Path | None, markdown_file: Path | None
) -> None:
    """Write the files that were asked for."""
    import time

    from course_lib.training.devices import machine, versions
    from course_lib.training.durable import write_bytes, write_json

    created = time.strftime("%Y-%m-%dT%H:%M:%S%z")
    if json_file is not None:
        document = {
            "schema": 1,
            "command": command,
            "created": created,
            "machine": machine(),
            "versions": versions(),
            "passed": all(row.met is not False for row in rows),
            "measurements": [row.as_dict() for row in rows],
        }
        write_json(json_file, document)
    if markdown_file is not None:
        facts = machine()
        about = f"on {facts['cores']} cores ({facts['cpu']}), {created[:10]}"
        write_bytes(markdown_file, markdown(rows, command, about).encode())


def markdown(rows: Sequence[Comparison], command: str, about: str) -> str:
    """The table with a footnote for each figure; ``about`` says where it was measured."""
    from course_lib.commands import bench_markdown as md

    notes = cells.Footnotes()
    lines = []
    for row in rows:
        mark = "" if row.met is None else "met" if row.met else "**missed**"
        bar = "" if row.bar is None else f"≥ {row.bar:g} × {mark}"
        values = [_number(row.ours, row.unit), _number(row.usual, row.unit), _ratio(row), bar]
        name = f"{md.escape(row.name)} [^{notes.number(row.command)}]"
        lines.append([name, md.escape(row.how), *map(md.escape, values[:3]), values[3]])
    parts = [
        "# Speed",
        f"Made by {md.code(command)} {md.escape(about)}. {md.escape(ABOUT)}",
        md.table(["", "how", "ours", "usual", "ratio", "bar"], lines, left=2),
        md.footnotes(notes),
    ]
    return "\n\n".join(parts) + "\n"


def _number(value: float | None, unit: str) -> str:
    return "" if value is None else number(value, unit)


def _ratio(row: Comparison) -> str:
    if row.ratio is None:
        return ""
    spread = "" if row.low is None else f" ({_times(row.low)} to {_times(row.high)})"
    return f"{_times(row.ratio)} ×{spread}"


def _times(ratio: float) -> str:
    return f"{ratio:,.0f}" if ratio >= 10 else f"{ratio:.2g}"
