"""``course doctor``: is this machine ready, and what to do where it is not."""

from __future__ import annotations

from typing import Annotated

import typer


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
    time: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PRESET", help="Instead, say how long its training takes here; repeatable, or all."
        ),
    ] = None,
    dataset: Annotated[
        str | None,
        typer.Option(help="With --time: the data; the preset's own by default.", show_default=False),
    ] = None,
    epochs: Annotated[
        int | None, typer.Option(help="With --time: passes; the preset's own by default.", show_default=False)
    ] = None,
) -> None:
    """Check Python, backend, GPU, memory, disk, codecs, ports, data; exit 1 if anything must be mended."""
    import json

    if time:
        from course_lib.commands.forecasts import print_forecasts

        print_forecasts(time, dataset=dataset, epochs=epochs, as_json=as_json)
        return

    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from course_lib.commands.findings import examine

    console = Console()
    if as_json:
        findings = examine()
        typer.echo(
            json.dumps(
                {"ready": all(f.ok or f.optional for f in findings), "findings": [vars(f) for f in findings]},
                indent=2,
            )
        )
    else:
        with console.status("Looking at this machine ..."):
            findings = examine()
        table = Table(
            title="Latent Sound on this machine",
            title_justify="left",
            show_header=False,
            box=None,
            padding=(0, 2, 0, 0),
        )
        for finding in findings:
            mark = (
                "[green]✓[/green]"
                if finding.ok
                else "[yellow]–[/yellow]"
                if finding.optional
                else "[red]✗[/red]"
            )
            text = escape(finding.found)
            if not finding.ok and finding.remedy:
                text += f"\n[dim]→ {escape(finding.remedy)}[/dim]"
            table.add_row(mark, finding.name, text)
        console.print(table)
        missing = [finding.name for finding in findings if not finding.ok and not finding.optional]
        if missing:
            console.print(f"\n[red]Not ready:[/red] {', '.join(missing)}. Each line above says what to do.")
        else:
            console.print("\n[green]Ready.[/green] Try [bold]course start[/bold].")
    if any(not finding.ok and not finding.optional for finding in findings):
        raise typer.Exit(1)
