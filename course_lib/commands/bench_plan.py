"""What a scoreboard would do, before it does it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from course_lib.training.lessons.lesson import Lesson
    from course_lib.training.scoreboard.job import Job
    from course_lib.training.scoreboard.settings import Settings
    from course_lib.training.store import RunStore

# A process's start, the backend's import and the data, before the clock of a training begins.
START_SECONDS = 20.0


@dataclass(frozen=True)
class Outlook:
    """What is left to do for one job.

    Attributes
    ----------
    trainings : int
        How many of its runs are not finished yet.
    scored : bool
        Whether its scores are there.
    seconds : float
        About how long it will take.
    """

    trainings: int
    scored: bool
    seconds: float


def outlook(job: Job, store: RunStore, *, fresh: bool = False) -> Outlook:
    """Look for a job's runs and scores; nothing is started."""
    from course_lib.training.scoreboard import evaluations, matching

    runs, requests = {}, job.requests()
    if not fresh:
        for preset, request in requests.items():
            match = matching.find(store, request)
            if match is not None and match.what == "reuse":
                runs[preset] = match.run
    missing = len(requests) - len(runs)
    scored = False
    if not missing:
        run = runs.pop(job.lesson.preset)
        key = evaluations.key_of(job.lesson, run, n=job.n, rivals=runs)
        scored = evaluations.kept(job.lesson, run, key) is not None
    seconds = missing * (job.seconds + START_SECONDS) + (0.0 if scored else job.lesson.scoring_seconds)
    return Outlook(missing, scored, seconds)


def sentence(lesson: Lesson, jobs: Sequence[Job], outlooks: Sequence[Outlook]) -> str:
    """What will be done for one lesson, and how long it takes."""
    job = jobs[0]
    splits, seeds = len({j.holdout for j in jobs}), len({j.seed for j in jobs})
    presets = 1 + len(lesson.rivals)
    total, left = presets * len(jobs), sum(o.trainings for o in outlooks)
    times = [f"{splits} splits" if splits > 1 else f"{job.held_out} held out"]
    times.append(f"{seeds} seeds" if seeds > 1 else f"seed {job.seed}")
    times += [f"{presets} presets"] if presets > 1 else []
    scored = sum(o.scored for o in outlooks)
    there = f"{total - left} of them and {scored} of {len(jobs)} scorings are there already; "
    done = "" if left == total and not scored else there
    seconds = sum(o.seconds for o in outlooks)
    rest = f"about {words(seconds)} on a quiet machine" if seconds else "nothing is left to do"
    trainings = f"{total} training{'s' if total > 1 else ''} of {job.seconds:g} s on {job.dataset}"
    return f"{lesson.name}: {trainings} ({', '.join(times)}); {done}{rest}"


def words(seconds: float) -> str:
    """``40 s``, ``25 min`` or ``1 h 25 min``."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def overview(lessons: Mapping[str, Lesson], settings: Settings, store: RunStore, console: Console) -> None:
    """The list of lessons that ``course bench`` alone prints; trains nothing."""
    from rich.markup import escape
    from rich.table import Table

    view = Table(title="Lessons of the scoreboard", title_justify="left", box=None, padding=(0, 2, 0, 0))
    view.add_column("lesson", style="bold")
    view.add_column("what, and what it would do now")
    every = 0.0
    for lesson in lessons.values():
        try:
            jobs = settings.jobs(lesson)
            outlooks = [outlook(job, store) for job in jobs]
            every += sum(o.seconds for o in outlooks)
            what = sentence(lesson, jobs, outlooks).removeprefix(f"{lesson.name}: ")
        except FileNotFoundError as error:
            what = str(error)
        bars = f"; {len(lesson.bars)} bars" if lesson.bars else ""
        view.add_row(lesson.name, f"{escape(lesson.title)}{bars}\n[dim]{escape(what)}[/]")
    console.print(view)
    some = next(iter(lessons))
    lines = (
        (f"course bench {some}", "train what is missing, score it, print its table"),
        (f"course bench {some} --quick", "see in a minute that everything works"),
        (f"course bench {some} --seeds 3 --holdout all", "every speaker in turn, three seeds each"),
        ("course bench all", f"every lesson: {f'about {words(every)}' if every else 'nothing left to do'}"),
        ("course bench start | epoch | speed", "times instead of scores"),
    )
    width = max(len(command) for command, _ in lines)
    for command, what in lines:
        console.print(f"  {escape(command):<{width}}  [dim]{what}[/]", highlight=False, soft_wrap=True)
