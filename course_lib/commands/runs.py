"""``course runs``: what was trained, and how it went."""

from __future__ import annotations

from typing import Annotated

import typer

from course_lib.commands.runs_compare import compare
from course_lib.commands.runs_files import export, import_

app = typer.Typer(no_args_is_help=True, help="Trainings: list, look at, compare, stop, export, import them.")
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """All runs, the newest first."""
    import json

    from course_lib.training.store import RunStore

    store = RunStore()
    rows = store.list()
    if as_json:
        typer.echo(json.dumps([row.as_dict() for row in rows], indent=1))
        return
    if not rows:
        typer.echo(f"no runs in {store.root} yet; begin with: course train autoencoder")
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for heading in ("run", "preset", "data", "state", "epoch", "held-out", "seconds", "begun"):
        numeric = heading in ("epoch", "held-out", "seconds")
        table.add_column(heading, justify="right" if numeric else "left", no_wrap=True)
    for row in rows:
        loss = "" if row.val_loss is None else f"{row.val_loss:.4f}"
        epoch = f"{row.epoch}/{row.epochs}"
        cells = (
            row.name,
            row.preset,
            row.dataset,
            row.state,
            epoch,
            loss,
            f"{row.elapsed_s:.0f}",
            row.created[5:16].replace("T", " "),
        )
        table.add_row(*cells)
    Console().print(table)


@app.command()
def show(name: Annotated[str, typer.Argument(help="Name of the run.")], as_json: AsJson = False) -> None:
    """Settings, state, losses and previews of one run."""
    import json
    import math

    from course_lib.training.store import RunStore

    run = RunStore().open(name)
    config, status, history, previews = run.config(), run.status(), run.history(), run.previews()
    if as_json:
        content = {
            "name": run.name,
            "path": str(run.path),
            "config": config,
            "status": status.as_dict(),
            "history": {
                key: [None if math.isnan(value) else value for value in column]
                for key, column in history.items()
            },
            "previews": [
                {
                    "step": preview.step,
                    "epoch": preview.epoch,
                    "folder": str(preview.folder),
                    "clips": preview.clips,
                }
                for preview in previews
            ],
        }
        typer.echo(json.dumps(content, indent=1))
        return
    from course_lib.commands.progress import describe, duration

    data = config.get("dataset") or {}
    split = f"held out: {', '.join(data['holdout'])}" if data.get("holdout") else "the data set's own split"
    counts = f", {data['train']} clips to train, {data['test']} to test" if data.get("train") else ""
    settings = ", ".join(f"{key}={value}" for key, value in (config.get("hyperparameters") or {}).items())
    typer.echo(f"{run.name}  ({run.path})")
    typer.echo(f"  preset    {config.get('preset')}: {settings}, seed={config.get('seed')}")
    typer.echo(f"  data      {data.get('name')} ({split}{counts})")
    typer.echo(f"  state     {status.state}: {status.error or status.message}")
    time = duration(status.elapsed_s)
    typer.echo(f"  progress  {describe(status, history)}  step {status.step}, {time} of training")
    if previews:
        steps = ", ".join(str(preview.step) for preview in previews)
        typer.echo(f"  previews  at steps {steps}; the last in {previews[-1].folder}")
    from course_lib.training.diagnosis.examine import diagnose

    if serious := diagnose(run, quick=True).serious:
        names = ", ".join(symptom.name for symptom in serious)
        typer.echo(f"  trouble   {names}: {serious[0].sentence} More by: course diagnose {run.name}")
    if status.resumable:
        typer.echo(f"  go on     course train --run {run.name} --resume")


@app.command()
def stop(name: Annotated[str, typer.Argument(help="Name of the run.")]) -> None:
    """Ask a training to stop at its next batch; it can be resumed."""
    from course_lib.training.store import RunStore

    RunStore().open(name).request("stop")
    typer.echo(f"{name} stops at its next batch")


app.command("compare")(compare)
app.command("export")(export)
app.command("import")(import_)
