"""Options that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from course_lib.training.store import Run

Source = Annotated[Path, typer.Argument(metavar="IN", help="A sound file, or a folder of them.")]
Output = Annotated[Path, typer.Option("-o", "--output", help="A .wav or .flac file, or a folder.")]
Folder = Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help="A folder; made if missing.")]
RunName = Annotated[
    str | None,
    typer.Option(help="Whose model to use; the newest finished run that can do it.", show_default=False),
]
Condition = Annotated[
    str | None, typer.Option(help="What to ask for, by name or number: seven, 7.", show_default=False)
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace results that are there already.")]


def choose_run(verb: str, name: str | None) -> Run:
    """The run to use; says on standard error which one was chosen when none was named."""
    from course_lib.training.apply.verbs import find_run

    run = find_run(verb, name)
    if name is None:
        preset = run.config().get("preset")
        typer.echo(f"run: {run.name} (the newest finished {preset} run; choose by --run)", err=True)
    return run
