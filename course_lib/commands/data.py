"""``course data``: list, describe, import, fetch, check and remove data sets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from course_lib.commands.ceilings import ceilings
from course_lib.commands.encode import encode

app = typer.Typer(no_args_is_help=True, help="Data sets: what there is, what is here, and how to get it.")
app.command()(ceilings)
app.command()(encode)
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


def _print_json(value: Any) -> None:
    import json

    typer.echo(json.dumps(value, indent=1, ensure_ascii=False))


def _size(count: int) -> str:
    """A number of bytes in words: 21 MB, 3.4 GB; a dash for what is not known."""
    if not count:
        return "-"
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{max(1, round(count / 1e6))} MB"


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """All data sets of the course and your own, and which are on this machine."""
    from course_lib.data.catalog import everything

    rows = [dataset.summary() for dataset in everything()]
    if as_json:
        _print_json(rows)
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for column in ("name", "clips", "speakers", "hours", "disk", "memory", "licence", "here"):
        table.add_column(
            column, no_wrap=True, justify="left" if column in ("name", "licence", "here") else "right"
        )
    for row in rows:
        here = "bundled" if row["bundled"] else "yes" if row["installed"] else "no"
        here = "damaged" if row["problem"] else here
        speakers = f"{row['speakers']:,}" if row["speakers"] else "-"
        cells = (f"{row['clips']:,}", speakers, f"{row['hours']:.2f}")
        costs = (_size(row["disk_bytes"]), _size(row["memory_bytes"]))
        table.add_row(row["name"], *cells, *costs, row["licence"], here)
    Console().print(table)
    for row in rows:
        get_it = f" To get it, {row['remedy']}." if row["remedy"] else ""
        typer.echo(f"{row['name']}: {row['description']}{get_it}")
    typer.echo("your own: run 'course data import folder PATH --name NAME' on a folder of recordings")


@app.command()
def info(name: Name, as_json: AsJson = False) -> None:
    """What a data set holds and costs, its licence and citation, and where it is."""
    from course_lib.data.catalog import get

    row = get(name).summary()
    if as_json:
        _print_json(row)
        return
    labels = {"name": "name", "title": "title", "description": "about", "clips": "clips", "hours": "hours"}
    for key, label in labels.items():
        value = row[key]
        typer.echo(f"{label:9s} {value:,}" if isinstance(value, int) else f"{label:9s} {value}")
    speakers = f"{row['speakers']:,}" if row["speakers"] else "number not stated"
    names = f": {_some(row['speaker_names'])}" if row["speaker_names"] else ""
    typer.echo(f"speakers  {speakers}{names}")
    typer.echo(f"labels    {len(row['labels'])}: {_some(row['labels'])}")
    typer.echo(
        f"costs     {_size(row['download_bytes'])} to download, {_size(row['disk_bytes'])} on disk, "
        f"{_size(row['memory_bytes'])} of clips in memory"
    )
    typer.echo(f"hashes    {row['hashes_from']}")
    typer.echo(f"licence   {row['licence']}  {row['licence_url']}".rstrip())
    if row["forbids"]:
        typer.echo(f"forbids   {row['forbids']}")
    typer.echo(f"cite      {row['citation']}")
    typer.echo(f"home      {row['url']}")
    typer.echo(f"card      {row['card']}")
    typer.echo(f"where     {row['where']}" + ("" if row["installed"] else "  (not here yet)"))
    if row["problem"]:
        typer.echo(f"problem   {row['problem']}")
    if row["remedy"]:
        typer.echo(f"get it    {row['remedy']}")


def _some(names: list[str], most: int = 60) -> str:
    more = f", ... ({len(names):,} in all)" if len(names) > most else ""
    return ", ".join(names[:most]) + more


@app.command("import")
def import_(
    name: Annotated[str, typer.Argument(help="Name of the data set, or 'folder' for your own recordings.")],
    path: Annotated[Path, typer.Argument(help="A folder of recordings, or an archive (.zip, .tar.gz).")],
    own_name: Annotated[str, typer.Option("--name", help="What to call your own recordings.")] = "",
    style: Annotated[
        str, typer.Option(help="How your own recordings become clips: word, note or noise.")
    ] = "word",
    as_json: AsJson = False,
) -> None:
    """Bring recordings that you have into the cache; every file is checked.

    Your own: 'course data import folder PATH --name mine'. Files in subfolders belong to the class that the
    subfolder is named for.
    """
    from course_lib.data import fsdd
    from course_lib.data.catalog import CATALOG
    from course_lib.data.importing import import_published
    from course_lib.data.own_folder import import_folder

    with _progress() as bar:
        if name == "folder":
            if not own_name:
                raise ValueError("your recordings need a name: add --name, such as --name mine")
            done = import_folder(
                path, own_name, style=style, taken=tuple(CATALOG), on_progress=bar("checking")
            )
            name = own_name
        else:
            dataset = _require_importable(name)
            _say_licence(dataset)
            if name == "fsdd":
                done = fsdd.import_recordings(path, on_progress=bar("checking"))
            else:
                done = import_published(dataset, path, on_progress=bar("checking"))
    _say_imported(name, done, as_json)


@app.command()
def fetch(
    name: Name,
    url: Annotated[str, typer.Option(help="Another place for the same archive, such as a mirror.")] = "",
    as_json: AsJson = False,
) -> None:
    """Download a data set's release and import it; a download that breaks off is resumed where it stopped."""
    from course_lib.data.fetch import fetch, fetch_fsdd

    dataset = _require_importable(name)
    if dataset.release is None:
        raise ValueError(f"{name} is your own: there is nothing to fetch; {dataset.remedy}")
    _say_licence(dataset)
    with _progress() as bar:
        bars = {"on_download": bar("downloading"), "on_progress": bar("checking")}
        done = fetch_fsdd(url=url, **bars) if name == "fsdd" else fetch(dataset, url=url, **bars)
    _say_imported(name, done, as_json)


@app.command()
def verify(name: Name, as_json: AsJson = False) -> None:
    """Compare every recording with its SHA-256."""
    from course_lib.data.catalog import get
    from course_lib.data.generated_dataset import GeneratedDataset
    from course_lib.data.verify import verify

    dataset = get(name)
    with _progress() as bar:
        count = verify(dataset, on_progress=bar("checking"))
    if as_json:
        _print_json({"name": name, "recordings": count, "hashes_from": dataset.hashes_from, "ok": True})
        return
    if isinstance(dataset, GeneratedDataset):
        typer.echo(f"{name}: {count:,} sounds are made by rule on first use; there is no file to change")
        return
    first = "as published" if dataset.hashes_from.startswith("committed") else "as they were imported"
    typer.echo(f"{name}: {count:,} recordings, all {first}")


@app.command()
def remove(
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Delete an imported data set, and what was made from it, from the cache."""
    from course_lib.data.hashes import content_hash
    from course_lib.data.keep import remove_folder
    from course_lib.data.prepared import forget

    dataset = _require_importable(name)
    where, clips, hashes = dataset.require(), dataset.clips, _hashes_of(dataset)
    if not yes:
        typer.confirm(f"delete {clips:,} recordings in {where}?", abort=True)
    _forget_features(name)
    remove_folder(where)
    for key in (content_hash(hashes), content_hash({"note": content_hash(hashes)})):
        forget(key)
    forget(content_hash({"noise": content_hash(hashes)}))
    if as_json:
        _print_json({"name": name, "removed": str(where), "recordings": clips})
        return
    typer.echo(f"{name}: removed from {where}")


def _forget_features(name: str) -> None:
    """Delete the features kept of its clips; a damaged set has none that could be found."""
    from contextlib import suppress

    from course_lib.data import catalog, features
    from course_lib.data.array_source import ArraySource
    from course_lib.data.recorded_source import RecordedSource

    with suppress(ValueError, OSError):
        features.forget(RecordedSource.of(name))
        clips = catalog.load(name)
        features.forget(ArraySource(clips.y, sr=clips.sr))


def _hashes_of(dataset) -> dict[str, str]:
    """Its hashes; nothing when its list is damaged, which is a reason to remove it."""
    from course_lib.data.errors import DatasetError

    try:
        return dataset.hashes()
    except DatasetError:
        return {}


def _require_importable(name: str):
    from course_lib.data.catalog import get

    dataset = get(name)
    if dataset.bundled:
        raise ValueError(f"{name} comes with the project: there is nothing to import, fetch or remove")
    return dataset


def _say_licence(dataset) -> None:
    """What the licence asks, on standard error, before anything is fetched."""
    typer.echo(f"{dataset.title}: licence {dataset.licence} {dataset.licence_url}".rstrip(), err=True)
    if dataset.forbids:
        typer.secho(f"{dataset.title} allows {dataset.forbids}", err=True, fg=typer.colors.YELLOW)


def _say_imported(name: str, done, as_json: bool) -> None:
    left_out = done.left_out or {}
    if as_json:
        from course_lib.data.catalog import get

        dataset = get(name)
        _print_json(
            {
                "name": name,
                "recordings": done.files,
                "already": done.already,
                "ignored": done.ignored,
                "left_out": left_out,
                "where": str(done.folder),
                "licence": dataset.licence,
                "forbids": dataset.forbids,
            }
        )
        return
    others = f"; {done.ignored:,} other sound files left out" if done.ignored else ""
    if name in _own():
        others = f"; {done.ignored:,} files that are no sound left out" if done.ignored else ""
    silent = f"; {len(left_out):,} without any sound left out" if left_out else ""
    state = "were there already" if done.already else "checked and kept"
    state += ", all as published" if done.already and name == "fsdd" else ""
    typer.echo(f"{name}: {done.files:,} recordings {state} in {done.folder}{others}{silent}")


def _own() -> list[str]:
    from course_lib.data.own_folder import own_names

    return own_names()
