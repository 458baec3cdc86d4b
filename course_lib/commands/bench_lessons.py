"""``course bench [LESSON ...]``: trains what is missing, scores it, and holds it against the bars."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from course_lib.training.lessons.lesson import Lesson
    from course_lib.training.scoreboard.settings import Settings

Json = Annotated[Path | None, typer.Option("--json", help="Also write the numbers to this file.")]
Markdown = Annotated[Path | None, typer.Option("--markdown", help="Also write the tables to this file.")]


def lessons(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[LESSON]...", help="Which lessons; all, or none, for every one."),
    ] = None,
    seeds: Annotated[
        int | None,
        typer.Option(min=1, help="Trainings of each split, with seeds 0, 1, 2, ...", show_default="1"),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="The first seed.")] = 0,
    holdout: Annotated[
        list[str] | None,
        typer.Option(
            help="own: the lesson's speakers; all: every speaker in turn; george,theo: these together. "
            "Repeatable.",
            show_default="own",
        ),
    ] = None,
    dataset: Annotated[
        str | None, typer.Option(help="Other sounds than the lesson's.", show_default="the lesson's")
    ] = None,
    seconds: Annotated[
        float | None, typer.Option(min=1, help="Time of each training.", show_default="the lesson's")
    ] = None,
    strings: Annotated[
        int | None, typer.Option(min=1, help="Score only this many ten-digit strings (or samples).")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=8, help="Train on this many clips only.")] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="FIELD=VALUE", help="A setting of the preset; repeatable."),
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Ten seconds on 256 bundled digits: only to see that it works.")
    ] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="Train and score anew whatever is there.")] = False,
    plan: Annotated[
        bool, typer.Option("--plan", help="Say what would be done, and how long; do nothing.")
    ] = False,
    json_file: Json = None,
    markdown_file: Markdown = None,
) -> None:
    """Train and score lessons: floors, ceilings, baselines, spread, bars; exit 1 on a miss.

    Finished trainings and scores that match exactly are reused; after Ctrl-C or a crash the same command goes
    on. Without lessons and options: the list of lessons.
    """
    from rich.console import Console

    from course_lib.commands import bench_plan
    from course_lib.commands.train import settings_of
    from course_lib.training.lessons.registry import LESSONS
    from course_lib.training.scoreboard.settings import OWN, Settings
    from course_lib.training.store import RunStore

    settings = Settings(
        dataset=dataset,
        holdouts=tuple(holdout or [OWN]),
        seeds=seeds,
        first_seed=seed,
        seconds=seconds,
        n=strings,
        limit=limit,
        overrides=tuple(sorted(settings_of(set_ or []).items())),
    )
    store = RunStore()
    asked = (quick, fresh, plan, json_file is not None, markdown_file is not None)
    if not names and settings == Settings() and not any(asked):
        bench_plan.overview(LESSONS, settings, store, Console())
        return
    for option, path in (("--json", json_file), ("--markdown", markdown_file)):
        check_folder(option, path)
    chosen = _choose(names or [])
    settings = settings.quick() if quick else settings
    # Everything is checked, and everything said, before the first minute is spent.
    jobs = {name: settings.jobs(lesson) for name, lesson in chosen.items()}
    outlooks = {job: bench_plan.outlook(job, store, fresh=fresh) for group in jobs.values() for job in group}
    progress = Console(stderr=True)
    for name, lesson in chosen.items():
        line = bench_plan.sentence(lesson, jobs[name], [outlooks[job] for job in jobs[name]])
        (Console() if plan else progress).print(line, markup=False, highlight=False, soft_wrap=True)
    if not plan:
        _go(chosen, names or [], settings, jobs, outlooks, store, progress, fresh, json_file, markdown_file)


def _go(chosen, names, settings: Settings, jobs, outlooks, store, progress, fresh, json_file, markdown_file):
    from rich.console import Console

    from course_lib.commands import bench_markdown, bench_table
    from course_lib.commands.bench_progress import BenchProgress
    from course_lib.training.durable import write_bytes, write_json
    from course_lib.training.scoreboard.board import lesson_board, scoreboard
    from course_lib.training.scoreboard.work import carry_out

    boards = {}
    ordered = [(job, outlooks[job]) for group in jobs.values() for job in group]
    try:
        with BenchProgress(ordered, progress) as watcher:
            for name, lesson in chosen.items():
                entries = list(carry_out(jobs[name], store, watcher=watcher, fresh=fresh))
                boards[name] = lesson_board(lesson, entries, settings)
    except KeyboardInterrupt:
        progress.print("stopped; the same command goes on from here", style="yellow")
        raise
    for name, lesson in chosen.items():
        bench_table.show(boards[name], lesson, Console())
    document = scoreboard(boards, settings.command_for(names))
    if json_file is not None:
        write_json(json_file, document)
    if markdown_file is not None:
        write_bytes(markdown_file, bench_markdown.document(document, chosen).encode())
    if not document["passed"]:
        _complain(boards)
        raise typer.Exit(1)


def _choose(names: list[str]) -> dict[str, Lesson]:
    from course_lib.training.lessons.registry import LESSONS

    if not names or "all" in names:
        return dict(LESSONS)
    for name in names:
        if name not in LESSONS:
            raise ValueError(
                f"unknown lesson {name!r}; expected {', '.join([*LESSONS, 'all'])}, "
                "or one of the times: start, epoch, speed"
            )
    return {name: LESSONS[name] for name in dict.fromkeys(names)}


def check_folder(option: str, path: Path | None) -> None:
    """Before hours of training, not after."""
    if path is not None and (path.is_dir() or not path.absolute().parent.is_dir()):
        raise ValueError(f"{option} expects a file in a folder that exists; received {path}")


def _complain(boards) -> None:
    """One line for each bar that was missed and each training that failed."""
    for name, board in boards.items():
        missed = [bar["title"] for bar in board["bars"] if not bar["met"]]
        if missed:
            typer.secho(f"missed by {name}: {', '.join(missed)}", fg="red", err=True)
        for entry in board["entries"]:
            if entry["error"]:
                where = f"{name}, {entry['held_out']} held out, seed {entry['seed']}"
                typer.secho(f"failed: {where}: {entry['error']}", fg="red", err=True)
