"""``course train``: a training in a process of its own, watched from here."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Annotated, Any

import typer

from course_lib.commands.holdout import Holdout, speakers

if TYPE_CHECKING:
    from course_lib.training.request import TrainingRequest
    from course_lib.training.store import Run

POLL_SECONDS = 0.2


def train(
    preset: Annotated[
        str | None, typer.Argument(help="What to train, such as autoencoder; all are listed without it.")
    ] = None,
    dataset: Annotated[
        str | None,
        typer.Option(
            help="digits, fsdd, notes, or another of: course data list; the preset's own by default.",
            show_default=False,
        ),
    ] = None,
    holdout: Holdout = None,
    run: Annotated[str | None, typer.Option(help="Name of the run; made up by default.")] = None,
    seed: Annotated[
        int | None, typer.Option(help="The same seed gives the same training. [default: 0]")
    ] = None,
    epochs: Annotated[int | None, typer.Option(help="Passes over the training clips.")] = None,
    max_seconds: Annotated[float | None, typer.Option(help="End after this time at the latest.")] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="FIELD=VALUE", help="A setting of the preset; repeatable."),
    ] = None,
    limit: Annotated[
        int | None, typer.Option(help="Train on this many clips only: for a quick trial.")
    ] = None,
    tensorboard: Annotated[
        bool, typer.Option("--tensorboard", help="Also write event files for TensorBoard.")
    ] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a stopped or killed run.")] = False,
) -> None:
    """Train a model; Ctrl-C stops cleanly and leaves a run that --resume goes on with."""
    from course_lib.training.store import RunStore
    from course_lib.training.worker import start_training

    fields = {
        "preset": preset,
        "dataset": dataset,
        "holdout": speakers(holdout),
        "name": run,
        "seed": seed,
        "epochs": epochs,
        "max_seconds": max_seconds,
        "overrides": settings_of(set_ or []) or None,
        "limit_clips": limit,
        "tensorboard": tensorboard or None,
        "resume": resume or None,
    }
    store = RunStore()
    request = _request({name: value for name, value in fields.items() if value is not None})
    started = start_training(request, store)
    raise typer.Exit(_watch(started))


def settings_of(pairs: list[str]) -> dict[str, str]:
    """The values of ``--set FIELD=VALUE``, by field."""
    settings = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name.strip() or not value.strip():
            raise ValueError(f"--set expects FIELD=VALUE, such as latent_dim=32; received {pair!r}")
        settings[name.strip()] = value.strip()
    return settings


def _request(fields: dict[str, Any]) -> TrainingRequest:
    from course_lib.training.presets import PRESETS
    from course_lib.training.request import TrainingRequest

    if "preset" not in fields and not fields.get("resume"):
        raise ValueError(f"say what to train: course train {' | '.join(PRESETS)}")
    return TrainingRequest.checked(**fields)


def _watch(run: Run) -> int:
    """Show a run until it ends; returns the exit status."""
    import time

    from rich.console import Console

    from course_lib.commands.progress import Display

    console = Console(stderr=True)
    console.print(f"[bold]{run.name}[/bold] in {run.path}; Ctrl-C stops it, closing this terminal does not")
    interrupted = False
    with Display(console) as display:
        while True:
            try:
                status = run.status()
                display.show(status, run)
                if not status.live:
                    break
                time.sleep(POLL_SECONDS)
            except KeyboardInterrupt:
                if interrupted:
                    console.print("leaving; the training stops by itself at the next batch")
                    return 130
                interrupted = True
                _ask_to_stop(run)
                display.note("stopping")
    return _conclude(run, status, interrupted)


def _ask_to_stop(run: Run) -> None:
    from course_lib.training.store import RunError

    # It may have ended by itself at the same moment.
    with contextlib.suppress(RunError):
        run.request("stop")


def _conclude(run: Run, status: Any, interrupted: bool) -> int:
    from course_lib.training.store import RunError

    if status.state == "failed":
        raise RunError(f"{run.name} failed: {status.error or status.message}")
    best = run.best_val_loss()
    typer.echo(f"{run.name}: {status.message}" + ("" if best is None else f"; best held-out loss {best:.4f}"))
    if status.state == "stopped":
        typer.echo(f"go on:     course train --run {run.name} --resume")
    if status.step:
        typer.echo(f"hear it:   {_way_to_hear(run)}")
        typer.echo(f"measure:   course evaluate {run.name}")
        typer.echo(f"look:      course runs show {run.name}")
    if (folder := run.path / "tensorboard").is_dir():
        typer.echo(f"curves:    tensorboard --logdir {folder}")
    if interrupted:
        return 130
    return 0 if status.state == "done" else 1


# What follows a verb's command, in an example that can be typed.
EXAMPLES = {
    "convert": "in.wav -o out.wav --instrument bell --pitch 72",
    "sample": "-o made",
    "interpolate": "a.wav b.wav -o way",
}


def _way_to_hear(run: Run) -> str:
    """The first command by which a run of its preset is heard."""
    from course_lib.training.apply.verbs import VERBS, verbs_of

    verb = verbs_of(run)[0]
    example = EXAMPLES.get(verb, "in.wav -o out.wav")
    if verb == "separate":
        example += f" --condition {run.config()['classes'][0]}"
    return f"{VERBS[verb]} --run {run.name} {example}"
