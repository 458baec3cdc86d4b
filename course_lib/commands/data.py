"""``course data``: list, import, fetch, check and remove data sets."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="Data sets: what there is, what is here, and how to get it.")


@app.command("import")
def import_(
    name: Annotated[str, typer.Argument(help="Which data set: fsdd.")],
    path: Annotated[Path, typer.Argument(help="A folder of recordings or an archive (.zip, .tar.gz).")],
) -> None:
    """Bring recordings that you have into the cache, every file checked by its SHA-256."""
    from course_lib.data import fsdd

    done = fsdd.import_recordings(path)
    typer.echo(f"{done.files:,} recordings in {done.folder}")


@app.command("verify")
def verify_(name: Annotated[str, typer.Argument(help="Which data set.")]) -> None:
    """Check every recording against its hash."""
    from course_lib.data.catalog import get
    from course_lib.data.verify import verify

    typer.echo(f"{verify(get(name)):,} recordings, all as published")
