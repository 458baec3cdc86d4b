"""``course bench``: the numbers that the README promises, measured on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(
    no_args_is_help=True, help="Measure this machine against the course's bars; exit 1 on a miss."
)

Json = Annotated[Path | None, typer.Option("--json", help="Also write the numbers to this file.")]
Dataset = Annotated[str, typer.Option(help="digits or fsdd.")]


@app.command()
def start(
    json_file: Json = None,
    dataset: Dataset = "digits",
    skip_training: Annotated[bool, typer.Option(help="Leave out the first preview (a minute).")] = False,
) -> None:
    """Help, start of both servers, first paint of the studio, first preview of a training."""
    import tempfile

    from rich.console import Console

    from course_lib.commands import stopwatch

    progress = Console(stderr=True)
    with tempfile.TemporaryDirectory(prefix="course-bench-") as name:
        folder = Path(name)
        with progress.status("Timing course --help ...") as status:
            measured = stopwatch.command_line()
            status.update("Timing course start ...")
            measured += stopwatch.servers(folder)
            if not skip_training:
                status.update("Timing the first preview with a warm worker (a minute) ...")
                measured.append(stopwatch.first_preview(folder, warm=True, dataset=dataset))
                status.update("Timing the first preview with a cold one ...")
                measured.append(stopwatch.first_preview(folder, warm=False, dataset=dataset))
    _report(measured, "Starting up", json_file)


@app.command()
def epoch(
    json_file: Json = None,
    dataset: Dataset = "fsdd",
    epochs: Annotated[int, typer.Option(min=3, help="Epochs to train; the first does not count.")] = 6,
) -> None:
    """Seconds an epoch of the autoencoder, by the ordinary path."""
    import tempfile

    from course_lib.commands import stopwatch
    from course_lib.training.store import RunStore

    # Timings are nobody's model: the run goes with its folder.
    with tempfile.TemporaryDirectory(prefix="course-bench-") as folder:
        run = _train(dataset, RunStore(Path(folder)), name="bench-epoch", epochs=epochs)
        clips = run.config()["dataset"]["train"]
        measured = [stopwatch.epoch(run.history(), clips, bar=dataset == "fsdd")]
    _report(measured, "Training speed", json_file)


@app.command()
def autoencoder(
    seconds: Annotated[float, typer.Option(min=5, help="Training time.")] = 300.0,
    json_file: Json = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the training.")] = 0,
    strings: Annotated[
        int | None, typer.Option(min=1, help="Score only this many ten-digit strings.")
    ] = None,
) -> None:
    """Train the autoencoder on FSDD without george, score it on george, compare with PCA and the bars."""
    from rich.console import Console

    from course_lib.commands import evaluate, stopwatch
    from course_lib.commands.measurement import Measurement
    from course_lib.training.durable import write_json
    from course_lib.training.store import RunStore

    store = RunStore()
    name = store.new_name("bench-autoencoder")
    run = _train("fsdd", store, name=name, holdout=["george"], max_seconds=seconds, seed=seed)
    with Console(stderr=True).status("Scoring ...") as status:
        result = evaluate.evaluate_run(
            run, n_strings=strings, on_row=lambda row: status.update(f"Scoring {row} ...")
        )
    write_json(run.path / "evaluation.json", result)
    Console().print(evaluate.table(result))
    row = result["rows"]["model"]
    # The bars are for 64 numbers and 300 s; a preset that keeps another count is not measured against them.
    bars = evaluate.bars_for(result)
    note = (
        f"{result['settings']['components']} numbers, george held out, after {result['train_seconds']:.0f} s"
    )
    measured = [
        Measurement(label, row[metric], "", bars.get(metric), at_least=True, note=note)
        for metric, label in (("stoi", "STOI"), ("pesq_nb", "PESQ-NB"))
    ]
    measured.append(stopwatch.epoch(run.history(), run.config()["dataset"]["train"], bar=True))
    measured.append(Measurement("training", result["train_seconds"], bar=seconds + 2))
    measured.append(Measurement("evaluation", result["evaluation_seconds"]))
    _report(measured, f"Autoencoder ({run.name})", json_file, evaluation=result)


def _train(dataset: str, store, *, holdout=None, **settings) -> Any:
    """Train the preset in its own process, show where it stands, return the finished run."""
    import time

    from rich.console import Console

    from course_lib.commands.evaluate import require_done
    from course_lib.training.worker import TrainingRequest, start_training

    if dataset == "fsdd" and holdout is None:
        holdout = ["george"]
    request = TrainingRequest(preset="autoencoder", dataset=dataset, holdout=holdout or [], **settings)
    run = start_training(request, store)
    with Console(stderr=True).status(f"Training {run.name} ...") as line:
        try:
            while (status := run.status()).live:
                where = f"epoch {status.epoch} of {status.epochs}, {status.elapsed_s:.0f} s"
                line.update(f"Training {run.name}: {where}, {status.message}")
                time.sleep(0.5)
        except BaseException:
            if run.status().live:
                run.request("stop")
            raise
    require_done(run)
    return run


def _report(measured, title: str, json_file: Path | None, **more) -> None:
    from rich.console import Console

    from course_lib.commands.measurement import missed, table
    from course_lib.training.durable import write_json

    caption = "Times include whatever else this machine does meanwhile."
    Console().print(table(measured, title=title, caption=caption))
    if json_file is not None:
        write_json(json_file, {"measurements": [m.as_dict() for m in measured], **more})
    if missed(measured):
        typer.secho(f"missed: {', '.join(missed(measured))}", fg="red", err=True)
        raise typer.Exit(1)
