"""``course runs export`` and ``course runs import``: runs as files that can be mailed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def export(
    name: Annotated[str, typer.Argument(help="Name of the run.")],
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="The .zip file; NAME.zip by default.", show_default=False),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a file that is there.")] = False,
) -> None:
    """One zip of a run to mail or hand in: curves, sounds, model; no path or name of this machine."""
    from course_lib.training.sharing.packing import export_run
    from course_lib.training.store import RunStore

    run = RunStore().open(name)
    target = Path(f"{run.name}.zip") if output is None else output
    size = export_run(run, target, overwrite=overwrite)
    typer.echo(f"{target}: {size / 1e6:.1f} MB; elsewhere: course runs import {target.name}")


def import_(
    path: Annotated[Path, typer.Argument(metavar="FILE.zip", help="What course runs export wrote.")],
    run: Annotated[
        str | None, typer.Option(help="What to call it here; its own name by default.", show_default=False)
    ] = None,
) -> None:
    """Take in somebody's exported run; everything in it is checked, nothing in it is executed."""
    from course_lib.training.sharing.unpacking import import_run
    from course_lib.training.store import RunStore

    imported = import_run(path, RunStore(), name=run)
    status = imported.status()
    typer.echo(f"{imported.name} ({imported.config().get('preset')}, {status.state}) in {imported.path}")
    typer.echo(f"look:      course runs show {imported.name}")
