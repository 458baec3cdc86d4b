"""``course bench``: the numbers that the README promises, measured on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from course_lib.commands.bench_lessons import Json, Markdown, lessons
from course_lib.commands.bench_speed import speed


class Bench(TyperGroup):
    """``course bench autoencoder denoising``: what is no command of the group is for ``lessons``."""

    def parse_args(self, ctx, args):
        """Put ``lessons`` before lessons, before its options, and where there is nothing."""
        if not args or args[0] not in (*self.commands, *ctx.help_option_names):
            args = ["lessons", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=Bench,
    subcommand_metavar="[LESSON]... | COMMAND [OPTIONS]",
    help="Train and score lessons, or time this machine, against the course's bars; exit 1 on a miss.",
    epilog="course bench lists the lessons; course bench autoencoder is short for "
    "course bench lessons autoencoder.",
)
app.command()(lessons)
app.command()(speed)

Dataset = Annotated[str, typer.Option(help="digits or fsdd.")]


@app.command()
def start(
    json_file: Json = None,
    markdown_file: Markdown = None,
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
    _report(measured, "Starting up", json_file, markdown_file, f"course bench start --dataset {dataset}")


@app.command()
def epoch(
    json_file: Json = None,
    markdown_file: Markdown = None,
    dataset: Dataset = "fsdd",
    epochs: Annotated[int, typer.Option(min=3, help="Epochs to train; the first does not count.")] = 6,
) -> None:
    """Seconds an epoch of the autoencoder, by the ordinary path."""
    import tempfile

    from course_lib.commands import stopwatch
    from course_lib.training.store import RunStore

    # Timings are nobody's model: the run goes with its folder.
    with tempfile.TemporaryDirectory(prefix="course-bench-") as folder:
        run = _train(dataset, RunStore(Path(folder)), epochs)
        clips = run.config()["dataset"]["train"]
        measured = [stopwatch.epoch(run.history(), clips, bar=dataset == "fsdd")]
    command = f"course bench epoch --dataset {dataset} --epochs {epochs}"
    _report(measured, "Training speed", json_file, markdown_file, command)


def _train(dataset: str, store, epochs: int) -> Any:
    """Train the preset in its own process, show where it stands, return the finished run."""
    from rich.console import Console

    from course_lib.training.scoreboard.work import wait
    from course_lib.training.worker import TrainingRequest, start_training

    holdout = ["george"] if dataset == "fsdd" else []
    request = TrainingRequest(
        preset="autoencoder", dataset=dataset, holdout=holdout, name="bench-epoch", epochs=epochs
    )
    run = start_training(request, store)
    with Console(stderr=True).status(f"Training {run.name} ...") as line:
        wait(
            run,
            lambda status: line.update(
                f"Training: epoch {status.epoch} of {status.epochs}, {status.message}"
            ),
        )
    return run


def _report(measured, title: str, json_file: Path | None, markdown_file: Path | None, command: str) -> None:
    from dataclasses import replace

    from rich.console import Console

    from course_lib.commands import bench_markdown
    from course_lib.commands.measurement import missed, table
    from course_lib.training.durable import write_bytes, write_json

    measured = [replace(m, command=command) for m in measured]
    about = "Times include whatever else this machine does meanwhile."
    Console().print(table(measured, title=title, caption=f"{about} Again: {command}"))
    if json_file is not None:
        write_json(json_file, {"command": command, "measurements": [m.as_dict() for m in measured]})
    if markdown_file is not None:
        write_bytes(markdown_file, bench_markdown.measurements(measured, title=title, about=about).encode())
    if missed(measured):
        typer.secho(f"missed: {', '.join(missed(measured))}", fg="red", err=True)
        raise typer.Exit(1)
