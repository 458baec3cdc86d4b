"""``course data``: list, describe, import, fetch, check and remove data sets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from course_lib.commands.ceilings import ceilings

app = typer.Typer(no_args_is_help=True, help="Data sets: what there is, what is here, and how to get it.")
app.command()(ceilings)
Name = Annotated[str, typer.Argument(help="Name of the data set, as 'course data list' shows it.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@contextmanager
def _progress() -> Iterator[Callable[[str], Callable[[int, int], None]]]:
    """Bars on standard error, one for each text that is asked for; silent when that is no terminal."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bars:

        def bar(what: str) -> Callable[[int, int], None]:
            task = bars.add_task(what, total=None)
            return lambda done, total: bars.update(task, completed=done, total=total or None)

        yield bar


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """All data sets of the course, and which are on this machine."""
    import json

    from course_lib.data.catalog import CATALOG

    rows = [dataset.summary() for dataset in CATALOG.values()]
    if as_json:
        typer.echo(json.dumps(rows, indent=1, ensure_ascii=False))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("name", "title", "clips", "speakers", "hours", "licence", "here")
    for row in rows:
        here = "bundled" if row["bundled"] else "yes" if row["installed"] else "no"
        cells = (f"{row['clips']:,}", str(row["speakers"]), f"{row['hours']:.2f}")
        table.add_row(row["name"], row["title"], *cells, row["licence"], here)
    Console().print(table)
    for row in rows:
        if row["remedy"]:
            typer.echo(f"{row['name']}: {row['remedy']}")


@app.command()
def info(name: Name, as_json: AsJson = False) -> None:
    """What a data set holds, its licence and citation, and where it is."""
    import json

    from course_lib.data.catalog import get

    row = get(name).summary()
    if as_json:
        typer.echo(json.dumps(row, indent=1, ensure_ascii=False))
        return
    labels = {"name": "name", "title": "title", "description": "about", "clips": "clips", "hours": "hours"}
    for key, label in labels.items():
        value = row[key]
        typer.echo(f"{label:9s} {value:,}" if isinstance(value, int) else f"{label:9s} {value}")
    typer.echo(f"speakers  {row['speakers']}: {', '.join(row['speaker_names'])}")
    typer.echo(f"licence   {row['licence']}  {row['licence_url']}")
    typer.echo(f"cite      {row['citation']}")
    typer.echo(f"home      {row['url']}")
    typer.echo(f"card      {row['card']}")
    typer.echo(f"where     {row['where']}" + ("" if row["installed"] else "  (not here yet)"))
    if row["remedy"]:
        typer.echo(f"get it    {row['remedy']}")


@app.command("import")
def import_(
    name: Name,
    path: Annotated[Path, typer.Argument(help="A folder of recordings, or an archive (.zip, .tar.gz).")],
) -> None:
    """Bring recordings that you have into the cache; every file is checked by its SHA-256."""
    from course_lib.data import fsdd

    _require_importable(name)
    with _progress() as bar:
        done = fsdd.import_recordings(path, on_progress=bar("checking"))
    _say_imported(name, done)


@app.command()
def fetch(
    name: Name,
    url: Annotated[str, typer.Option(help="Another place for the same archive, such as a mirror.")] = "",
) -> None:
    """Download a data set's release and import it."""
    from course_lib.data.fetch import FSDD_URL, fetch_fsdd

    _require_importable(name)
    with _progress() as bar:
        done = fetch_fsdd(url=url or FSDD_URL, on_download=bar("downloading"), on_progress=bar("checking"))
    _say_imported(name, done)


@app.command()
def verify(name: Name) -> None:
    """Compare every recording with its SHA-256."""
    from course_lib.data.catalog import get
    from course_lib.data.verify import verify

    with _progress() as bar:
        count = verify(get(name), on_progress=bar("checking"))
    typer.echo(f"{name}: {count:,} recordings, all as published")


@app.command()
def remove(name: Name, yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False) -> None:
    """Delete an imported data set from the cache."""
    from course_lib.data import fsdd
    from course_lib.data.catalog import get
    from course_lib.data.hashes import content_hash
    from course_lib.data.prepared import forget

    _require_importable(name)
    dataset = get(name)
    where = dataset.require()
    if not yes:
        typer.confirm(f"delete {dataset.clips:,} recordings in {where}?", abort=True)
    fsdd.remove()
    forget(content_hash(dataset.hashes()))
    typer.echo(f"{name}: removed from {where}")


def _require_importable(name: str) -> None:
    from course_lib.data.catalog import get

    if get(name).bundled:
        raise ValueError(f"{name} comes with the project: there is nothing to import, fetch or remove")


def _say_imported(name: str, done) -> None:
    others = f"; {done.ignored:,} other sound files left out" if done.ignored else ""
    state = "were there already, all as published" if done.already else "checked and kept"
    typer.echo(f"{name}: {done.files:,} recordings {state} in {done.folder}{others}")
