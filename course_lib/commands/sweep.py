"""``course sweep``: a preset over a grid of settings, here or on a cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from course_lib.commands.holdout import Holdout, speakers

if TYPE_CHECKING:
    from course_lib.training.store import RunStore
    from course_lib.training.sweep.plan import Sweep


def sweep(
    preset: Annotated[str | None, typer.Argument(help="What to train; all presets: course train.")] = None,
    more: Annotated[
        list[str] | None, typer.Argument(metavar="[FIELD=VALUES ...]", help="More of the grid.")
    ] = None,
    grid: Annotated[
        list[str] | None,
        typer.Option(metavar="FIELD=VALUES", help="Values to try, such as latent_dim=8,16,32; repeatable."),
    ] = None,
    seeds: Annotated[int, typer.Option(min=1, help="Trainings of each combination.")] = 1,
    cluster: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Dask scheduler to use, such as tcp://10.0.0.5:8786.")
    ] = "",
    workers: Annotated[
        int, typer.Option(min=1, help="Trainings at a time, on this machine without --cluster.")
    ] = 1,
    dataset: Annotated[
        str | None, typer.Option(help="As for course train; the preset's own by default.", show_default=False)
    ] = None,
    holdout: Holdout = None,
    name: Annotated[str | None, typer.Option(help="Name of the sweep; made up by default.")] = None,
    seed: Annotated[int, typer.Option(help="The first seed.")] = 0,
    epochs: Annotated[int | None, typer.Option(help="Passes over the training clips.")] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="FIELD=VALUE", help="A setting of all trainings; repeatable."),
    ] = None,
    limit: Annotated[int | None, typer.Option(help="Train on this many clips only.")] = None,
    resume: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Go on with a sweep: what is finished is not repeated."),
    ] = None,
) -> None:
    """Train a preset over a grid of settings, into one CSV and one figure; Ctrl-C leaves it to --resume."""
    from course_lib.training.store import RunStore
    from course_lib.training.sweep.plan import open_sweep

    store = RunStore()
    if resume is not None:
        if preset or grid:
            raise ValueError("--resume goes on with the sweep's own plan: leave preset and --grid out")
        planned = open_sweep(resume, store)
    else:
        options = {
            "preset": preset,
            "dataset": dataset,
            "holdout": speakers(holdout),
            "name": name,
            "seed": seed,
            "epochs": epochs,
            "limit_clips": limit,
        }
        planned = _plan(options, set_ or [], [*(grid or []), *(more or [])], seeds, store)
    raise typer.Exit(_run(planned, store, cluster, workers))


def _plan(options: dict[str, Any], set_: list[str], grid: list[str], seeds: int, store: RunStore) -> Sweep:
    from course_lib.commands.train import settings_of
    from course_lib.training.presets import PRESETS
    from course_lib.training.request import TrainingRequest
    from course_lib.training.sweep.grid import parse_grid
    from course_lib.training.sweep.plan import plan_sweep

    if options["preset"] is None:
        raise ValueError(f"say what to train: course sweep {' | '.join(PRESETS)} --grid FIELD=VALUE,VALUE")
    if not grid and seeds == 1:
        raise ValueError("say what to vary: --grid latent_dim=8,16,32, or --seeds 3")
    request = TrainingRequest.checked(
        **{key: value for key, value in options.items() if value is not None}, overrides=settings_of(set_)
    )
    return plan_sweep(request, parse_grid(grid), store, seeds=seeds)


def _run(sweep: Sweep, store: RunStore, cluster: str, workers: int) -> int:
    """Train, show, gather; returns the exit status."""
    from rich.console import Console

    from course_lib.commands.sweep_display import SweepDisplay
    from course_lib.data.cluster import ClusterError, connect
    from course_lib.training.devices import cores
    from course_lib.training.sweep.engine import run_sweep, unfinished
    from course_lib.training.sweep.results import draw_results, write_results

    console = Console(stderr=True)
    console.print(f"[bold]{sweep.name}[/bold]: {len(sweep.runs)} trainings, {sweep.folder}", highlight=False)
    threads = max(1, cores() // workers) if not cluster and workers > 1 else None
    problems, interrupted = {}, False
    if unfinished(sweep, store):
        with SweepDisplay(console, sweep, store) as display:
            try:
                with connect(cluster or None, workers=workers) as client:
                    problems = run_sweep(client, sweep, store, threads=threads, on_news=display.show)
            except KeyboardInterrupt:
                interrupted = True
            except ClusterError:
                write_results(sweep, store)
                raise
    table, figure = write_results(sweep, store), draw_results(sweep, store)
    left = unfinished(sweep, store)
    for name, problem in problems.items():
        if problem:
            console.print(f"{name}: {problem.splitlines()[0]}", highlight=False)
    typer.echo(f"{sweep.name}: {len(sweep.runs) - len(left)} of {len(sweep.runs)} trainings finished")
    typer.echo(f"results:   {table}" + (f" and {figure.name}" if figure else ""))
    if left:
        typer.echo(f"go on:     course sweep --resume {sweep.name}")
    if interrupted:
        return 130
    return 1 if left else 0
