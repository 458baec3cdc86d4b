"""``course runs compare``: what was set differently, and how it went."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from course_lib.training.comparison import RunComparison
    from course_lib.training.run_folder import Run


def compare(
    names: Annotated[list[str], typer.Argument(metavar="A B ...", help="Names of two or more runs.")],
    figure: Annotated[
        Path | None,
        typer.Option(help="Draw their curves into this .png or .svg file.", show_default=False),
    ] = None,
    x: Annotated[str, typer.Option(help="The figure's axis: step, epoch or seconds.")] = "step",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Runs side by side: the settings that differ, losses, and scores where they were evaluated."""
    import json

    from course_lib.training.comparison import compare_runs
    from course_lib.training.store import RunStore

    store = RunStore()
    runs = [store.open(name) for name in names]
    found = compare_runs(runs)
    if figure is not None:
        _draw(runs, figure, x)
    if as_json:
        typer.echo(json.dumps(asdict(found), indent=1))
        return
    _print(found)
    if figure is not None:
        typer.echo(f"curves in {figure}")


def _draw(runs: list[Run], path: Path, x: str) -> None:
    from course_lib.plotting.compared_curves import compared_curves

    if path.suffix not in (".png", ".svg", ".pdf"):
        raise ValueError(f"a figure is a .png, .svg or .pdf file; received {path}")
    picture = compared_curves({run.name: run.history() for run in runs}, x=x)
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.savefig(path, dpi=150, facecolor="white")


def _print(found: RunComparison) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("")
    for name in found.names:
        table.add_column(name, justify="right")
    for section in (found.settings, found.progress, found.scores):
        for key, values in section.items():
            table.add_row(key.replace("_", " "), *(_cell(value) for value in values))
        if section:
            table.add_section()
    console = Console()
    console.print(table)
    if not found.settings:
        console.print("no setting differs")
    for warning in found.warnings:
        console.print(f"note: {warning}", highlight=False)


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.4g}"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
