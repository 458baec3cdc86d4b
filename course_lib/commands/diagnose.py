"""``course diagnose``: what is wrong with a run's numbers, in words."""

from __future__ import annotations

from typing import Annotated, Any

import typer

MARKS = {"serious": ("✗", "red"), "warning": ("!", "yellow"), "note": ("·", "dim")}


def diagnose(
    name: Annotated[str, typer.Argument(help="Name of the run (course runs list).")],
    quick: Annotated[
        bool, typer.Option("--quick", help="Look at the run's files only: no model, no data, no backend.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say what is wrong with a run's numbers, and what to change. Exit status 1 if something is serious."""
    import json

    from rich.console import Console

    from course_lib.training.diagnosis.examine import diagnose as look
    from course_lib.training.store import RunStore

    run = RunStore().open(name)
    with Console(stderr=True).status("Looking at the run ...") as status:
        found = look(run, quick=quick, on_check=lambda what: status.update(f"Looking at {what} ..."))
    if as_json:
        typer.echo(json.dumps(found.as_dict(), indent=2))
    else:
        _print(found)
    if found.serious:
        raise typer.Exit(1)


def _print(found: Any) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.padding import Padding

    from course_lib.training.diagnosis.report import where_to_learn

    console = Console(highlight=False)
    console.print(f"[bold]{escape(found.run)}[/bold]: {escape(found.sentence)}")
    for symptom in found.symptoms:
        mark, colour = MARKS[symptom.severity]
        console.print()
        console.print(f"[{colour}]{mark} {escape(symptom.name)}[/] ({symptom.severity})")
        lines = [escape(symptom.sentence)]
        if symptom.remedy:
            lines.append(f"[bold]→[/bold] {escape(symptom.remedy)}")
        if lab := where_to_learn(symptom):
            lines.append(f"[dim]{lab}[/dim]")
        for line in lines:
            console.print(Padding(line, (0, 0, 0, 2), expand=False))
    if found.right:
        console.print()
    for sentence in found.right:
        console.print(f"[green]✓[/green] {escape(sentence)}")
    for check, why in found.skipped:
        console.print(f"[dim]○ {escape(check)}: not looked at ({escape(why)})[/dim]")
