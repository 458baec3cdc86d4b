"""``course apply``: send sound files through a trained model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from course_lib.commands.jobs import Job, jobs_of
from course_lib.commands.options import Condition, Output, Overwrite, RunName, Source, choose_run

if TYPE_CHECKING:
    import numpy as np

    from course_lib.training.apply import SoundVerb

app = typer.Typer(no_args_is_help=True)
Table = Annotated[
    Path | None,
    typer.Option(metavar="FILE.csv", help="For a folder: lines of file,condition, one for each recording."),
]
Gap = Annotated[
    list[str] | None,
    typer.Option(
        metavar="BEGIN-END",
        help="Seconds to fill, such as 0.50-0.56; repeatable. By default silences of 5 to 250 ms.",
    ),
]


@app.callback()
def apply() -> None:
    """Use a trained model on sound files.

    In goes any rate, mono or stereo; out come files at the model's rate (8 kHz), mono, 16 bits, as long and
    as loud as what went in; what exceeds full scale is clipped.
    """


@app.command()
def reconstruct(
    source: Source,
    output: Output,
    run: RunName = None,
    condition: Condition = None,
    conditions: Table = None,
    overwrite: Overwrite = False,
) -> None:
    """What an autoencoder makes of recordings of up to 60 s."""
    _apply("reconstruct", source, output, run, condition, conditions, overwrite)


@app.command()
def denoise(source: Source, output: Output, run: RunName = None, overwrite: Overwrite = False) -> None:
    """The voice without the noise, of recordings of up to an hour."""
    _apply("denoise", source, output, run, None, None, overwrite)


@app.command()
def separate(
    source: Source,
    output: Output,
    run: RunName = None,
    condition: Condition = None,
    conditions: Table = None,
    overwrite: Overwrite = False,
) -> None:
    """Out of a mixture, the one that is asked for; up to an hour."""
    _apply("separate", source, output, run, condition, conditions, overwrite)


@app.command()
def enhance(
    source: Source,
    output: Output,
    run: RunName = None,
    condition: Condition = None,
    conditions: Table = None,
    overwrite: Overwrite = False,
) -> None:
    """The sound as it was before it was damaged; up to an hour."""
    _apply("enhance", source, output, run, condition, conditions, overwrite)


@app.command()
def inpaint(
    source: Source,
    output: Output,
    run: RunName = None,
    gap: Gap = None,
    overwrite: Overwrite = False,
) -> None:
    """Sound where packets were lost, or where you say; up to an hour."""
    gaps = [_seconds(text) for text in gap or []]
    if gaps and source.is_dir():
        raise ValueError("--gap is for one recording; the gaps of a folder's recordings are found")
    _apply("inpaint", source, output, run, None, None, overwrite, gaps=gaps)


def _apply(
    verb: str,
    source: Path,
    output: Path,
    run: str | None,
    condition: str | None,
    table: Path | None,
    overwrite: bool,
    *,
    gaps: list[tuple[float, float]] | None = None,
) -> None:
    if condition is not None and table is not None:
        raise ValueError("give --condition for all recordings or --conditions for each, not both")
    if table is not None and not source.is_dir():
        raise ValueError("--conditions is for a folder of recordings; use --condition for one")
    jobs = jobs_of(source, output, overwrite=overwrite)
    chosen = choose_run(verb, run)
    asked: dict[str, Any] = dict.fromkeys((job.name for job in jobs), condition)
    if condition is not None or table is not None or verb == "separate":
        # A wrong condition is found before a model is loaded.
        from course_lib.training.apply.conditions import Conditions

        known = Conditions.of(chosen)
        if condition is None and table is None:
            raise ValueError(f"say what to separate: --condition {' | '.join(known.names)}")
        if table is not None:
            asked = known.read_csv(table, list(asked))
        else:
            known.number(condition)
    from course_lib.training.apply import open_verb

    opened = open_verb(chosen, verb)
    # Whether the model wants one, or takes none, is known now only.
    opened.check(next(iter(asked.values())))
    seconds, problems = _work(jobs, opened, asked, gaps or [], go_on=source.is_dir())
    form = f"{opened.sr} Hz, mono"
    if not source.is_dir():
        typer.echo(f"wrote {jobs[0].target}: {seconds:.2f} s, {form}")
        return
    typer.echo(f"wrote {len(jobs) - len(problems)} of {len(jobs)} files to {output} ({form})")
    if problems:
        raise ValueError(f"{len(problems)} of {len(jobs)} files could not be done:\n" + "\n".join(problems))


def _work(
    jobs: list[Job], opened: SoundVerb, asked: dict[str, Any], gaps, *, go_on: bool
) -> tuple[float, list[str]]:
    """Do the jobs; returns the seconds of sound and, with ``go_on``, what went wrong with which file."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    problems, seconds = [], 0.0
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bars:
        task = bars.add_task(opened.verb, total=len(jobs))
        for number, job in enumerate(jobs):

            def show(done: int, total: int, begun: int = number) -> None:
                bars.update(task, completed=begun + done / total)

            try:
                seconds += _one(job, opened, asked[job.name], gaps, show)
            except (ValueError, OSError) as error:
                if not go_on:
                    raise
                problems.append(f"{job.source}: {error}")
            bars.update(task, completed=number + 1)
    return seconds, problems


def _one(job: Job, opened: SoundVerb, condition: Any, gaps, on_progress) -> float:
    """One file; returns its seconds."""
    from course_lib.audio.files import read, write

    y = read(job.source, sr=opened.sr, max_seconds=opened.max_seconds)
    options: dict[str, Any] = {} if opened.verb == "reconstruct" else {"on_progress": on_progress}
    if gaps:
        options["missing"] = _missing(gaps, y, opened.sr)
    made = opened(y, condition, **options)
    job.target.parent.mkdir(parents=True, exist_ok=True)
    write(job.target, made, sr=opened.sr)
    return len(y) / opened.sr


def _seconds(text: str) -> tuple[float, float]:
    begin, _, end = text.partition("-")
    try:
        gap = float(begin), float(end)
    except ValueError:
        gap = (0.0, 0.0)
    if not 0 <= gap[0] < gap[1] < float("inf"):
        raise ValueError(f"--gap expects BEGIN-END in seconds, such as 0.50-0.56; received {text!r}")
    return gap


def _missing(gaps: list[tuple[float, float]], y: np.ndarray, sr: int) -> np.ndarray:
    import numpy as np

    missing = np.zeros(len(y), bool)
    for begin, end in gaps:
        if round(end * sr) > len(y):
            raise ValueError(
                f"--gap {begin:g}-{end:g} ends after the recording, which lasts {len(y) / sr:.2f} s"
            )
        missing[round(begin * sr) : round(end * sr)] = True
    return missing
