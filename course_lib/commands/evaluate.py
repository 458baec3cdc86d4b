"""``course evaluate``: a finished run on the scoreboard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from course_lib.training.lessons.lesson import Lesson


def evaluate(
    name: Annotated[str, typer.Argument(help="Name of the run (course runs list).")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the numbers as JSON.")] = False,
    strings: Annotated[
        int | None,
        typer.Option(min=1, help="Score only this many ten-digit strings (or samples), for a quick look."),
    ] = None,
    unfinished: Annotated[
        bool, typer.Option("--unfinished", help="Score the newest weights of a run that is not done.")
    ] = False,
) -> None:
    """Score a run as its lesson does, on sounds it never heard: beside baselines, ceiling and floor."""
    import json

    from rich.console import Console

    from course_lib.training.lessons.registry import lesson_of
    from course_lib.training.scoreboard import evaluations
    from course_lib.training.store import RunStore

    run = RunStore().open(name)
    require_done(run, unfinished=unfinished)
    lesson = lesson_of(run.config()["preset"])
    progress = Console(stderr=True)
    with progress.status("Loading the run ...") as status:
        result = evaluations.evaluate(
            lesson, run, n=strings, on_row=lambda row: status.update(f"Scoring {row} ...")
        )
    if as_json:
        typer.echo(json.dumps(result, indent=2))
    else:
        console = Console()
        console.print(*tables(result, lesson, width=console.width), sep="\n")
        typer.echo(f"Written to {evaluations.path_of(lesson, run)}")


def require_done(run, *, unfinished: bool = False) -> None:
    """RunError unless the run is done, or has weights and ``unfinished`` allows them."""
    from course_lib.training.errors import RunError

    status = run.status()
    if status.state == "done" or unfinished:
        return
    remedy = {
        "failed": f"see why by `course runs show {run.name}`",
        "stopped": f"go on by `course train --run {run.name} --resume`",
    }.get(status.state, "wait for its end")
    raise RunError(
        f"run {run.name} is {status.state} at epoch {status.epoch} of {status.epochs}; {remedy}, "
        "or score its newest weights by --unfinished"
    )


def tables(result: dict[str, Any], lesson: Lesson, *, width: int = 80) -> list[Table]:
    """The scores of one run as rich tables; where the lesson's bars hold, they are marked in them."""
    from course_lib.commands import bench_table
    from course_lib.training.lessons.bar import FACTS
    from course_lib.training.scoreboard.spread import tabulate

    command = f"course evaluate {result['run']}"
    source = {"held_out": result["held_out"], "seed": None, "command": command, "result": result}
    summary = tabulate(lesson, [source], command)
    shares = f"%: of the way {lesson.share_words}. " if lesson.share_words else ""
    caption = f"↑ higher is better, ↓ lower is better. {shares}{result['protocol']}"
    bars = [bar for bar in lesson.bars if bar.row != FACTS] if lesson.fits(result) else []
    marks, words = {}, []
    for bar in bars:
        value, limit, metric = bar.value(result), bar.limit(result), lesson.metric(bar)
        if value is None or limit is None:
            continue
        marks[bar.condition or "", bar.row, bar.metric] = bar.met(value, limit)
        row = None if bar.row == "model" else bar.row.replace("_", " ")
        what = " ".join(part for part in (bar.condition, row, metric.title) if part)
        words.append(f"{what} {'≥' if bar.at_least else '≤'} {metric.text(limit)}")
    if words:
        caption += f" Bars: {', '.join(words)}."
    title = f"{result['run']}: {result['dataset']}, held out: {result['held_out']}"
    return bench_table.systems(
        summary, lesson, result, title=title, caption=caption, width=width, marks=marks
    )
