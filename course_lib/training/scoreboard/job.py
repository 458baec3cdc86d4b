"""One figure of the scoreboard: a lesson, the speakers held out, a seed."""

from __future__ import annotations

import hashlib
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from course_lib.training.lessons.lesson import Lesson, held_out_words

if TYPE_CHECKING:
    from course_lib.training.request import TrainingRequest


@dataclass(frozen=True)
class Job:
    """What is trained and scored for one figure.

    Attributes
    ----------
    holdout : tuple of str
        Speakers held out together, sorted; empty takes the data set's own split.
    n : int or None
        Score only so many of the lesson's items.
    limit : int or None
        Train on only so many clips.
    overrides : tuple of (str, str)
        Settings of the preset as the command line takes them.
    """

    lesson: Lesson
    dataset: str
    holdout: tuple[str, ...]
    seed: int
    seconds: float
    n: int | None = None
    limit: int | None = None
    overrides: tuple[tuple[str, str], ...] = ()

    @property
    def held_out(self) -> str:
        """Who is held out, in words."""
        return held_out_words(self.holdout)

    @property
    def label(self) -> str:
        """For a line of progress."""
        return f"{self.lesson.name}, {self.held_out} held out, seed {self.seed}"

    @property
    def command(self) -> str:
        """The command that makes this figure and no other; it trains only what is not trained yet."""
        return command(
            [self.lesson.name],
            dataset=self.dataset,
            holdouts=[",".join(self.holdout)] if self.holdout else [],
            seconds=self.seconds,
            seeds=1,
            first_seed=self.seed,
            n=self.n,
            limit=self.limit,
            overrides=self.overrides,
        )

    def requests(self) -> dict[str, TrainingRequest]:
        """The trainings by preset, the lesson's own first, without names.

        Raises
        ------
        ValueError
            A value out of range.
        """
        from course_lib.training.request import TrainingRequest

        own = dict(self.lesson.overrides) | dict(self.overrides)
        shared = {
            "dataset": self.dataset,
            "holdout": list(self.holdout),
            "seed": self.seed,
            "max_seconds": self.seconds,
            "limit_clips": self.limit,
        }
        return {
            preset: TrainingRequest.checked(
                preset=preset, overrides=own if preset == self.lesson.preset else {}, **shared
            )
            for preset in (self.lesson.preset, *self.lesson.rivals)
        }

    def stem(self, preset: str) -> str:
        """What the names of its runs begin with."""
        who = "-".join(self.holdout) or self.dataset
        if len(who) > 24:
            who = f"{len(self.holdout)}-{hashlib.sha256(who.encode()).hexdigest()[:8]}"
        return f"{STEM}{preset[:24]}-{who}-s{self.seed}"

    @property
    def unjudged(self) -> str:
        """Why the lesson's bars do not hold for this figure; empty when they do."""
        lesson = self.lesson
        for differs, what in (
            (self.dataset != lesson.dataset, f"for {lesson.dataset}"),
            (self.holdout != tuple(sorted(lesson.holdout)), f"for {held_out_words(lesson.holdout)} held out"),
            (self.n is not None, f"for all {lesson.items}"),
            (self.limit is not None, "for all training clips"),
            (bool(self.overrides), "for the preset's own settings"),
            (self.seconds > lesson.seconds, f"for {lesson.seconds:g} s of training"),
        ):
            if differs:
                return f"the bars are {what}"
        return ""


# Runs that the scoreboard started: these it also resumes.
STEM = "bench-"


def command(
    lessons: list[str],
    *,
    dataset: str | None = None,
    holdouts: list[str] | tuple[str, ...] = (),
    seconds: float | None = None,
    seeds: int | None = None,
    first_seed: int | None = None,
    n: int | None = None,
    limit: int | None = None,
    overrides: tuple[tuple[str, str], ...] = (),
) -> str:
    """A ``course bench`` command line, quoted for a shell; what is None is left to the lesson."""
    words = ["course", "bench", *lessons]
    for option, value in (("--dataset", dataset), *(("--holdout", group) for group in holdouts)):
        if value is not None:
            words += [option, value]
    for option, number in (("--seconds", seconds), ("--seeds", seeds), ("--seed", first_seed)):
        if number is not None:
            words += [option, f"{number:g}" if isinstance(number, float) else str(number)]
    for option, number in (("--strings", n), ("--limit", limit)):
        if number is not None:
            words += [option, str(number)]
    for name, value in overrides:
        words += ["--set", f"{name}={value}"]
    return shlex.join(words)
