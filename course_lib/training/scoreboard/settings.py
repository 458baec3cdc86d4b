"""How the chosen lessons are trained and scored, and the jobs that come of it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from course_lib.training.lessons.lesson import Lesson
from course_lib.training.scoreboard.job import Job, command

OWN, EVERY = "own", "all"
# Enough to see that everything works, in a minute; the numbers mean nothing.
QUICK = {"dataset": "digits", "seconds": 10.0, "n": 2, "limit": 256}


@dataclass(frozen=True)
class Settings:
    """Choices of one scoreboard; None takes the lesson's own.

    Attributes
    ----------
    holdouts : tuple of str
        Each is ``"own"`` (the lesson's), ``"all"`` (every speaker in turn), or names joined by commas (these
        together).
    seeds, first_seed : int
        Seeds ``first_seed``, ``first_seed + 1``, ...
    overrides : tuple of (str, str)
        Settings of the presets.
    own_if_unsuitable : bool
        Whether a lesson whose preset cannot learn from ``dataset`` takes its own, instead of refusing.
    """

    dataset: str | None = None
    holdouts: tuple[str, ...] = (OWN,)
    seeds: int | None = None
    first_seed: int = 0
    seconds: float | None = None
    n: int | None = None
    limit: int | None = None
    overrides: tuple[tuple[str, str], ...] = ()
    own_if_unsuitable: bool = False

    def quick(self) -> Settings:
        """These with the quick profile where nothing was asked for."""
        profile = {name: value for name, value in QUICK.items() if getattr(self, name) is None}
        return replace(self, own_if_unsuitable="dataset" in profile, **profile)

    def jobs(self, lesson: Lesson) -> list[Job]:
        """Every training and scoring of one lesson, checked, in order: split by split, seed by seed.

        Raises
        ------
        ValueError
            An unknown speaker, data set or setting, a value out of range.
        FileNotFoundError
            The data set is not on this machine.
        """
        from course_lib.training.start import plan

        first = self.first_seed
        jobs = [
            Job(
                lesson=lesson,
                dataset=self._dataset(lesson),
                holdout=holdout,
                seed=seed,
                seconds=float(lesson.seconds if self.seconds is None else self.seconds),
                n=self.n,
                limit=self.limit,
                overrides=self.overrides,
            )
            for holdout in self._splits(lesson)
            for seed in range(first, first + (self.seeds or lesson.seeds))
        ]
        for job in jobs:
            for request in job.requests().values():
                # Said now, not after an hour of other trainings.
                plan(request)
        return jobs

    def command(self, lesson: Lesson) -> str:
        """The command that makes all figures of one lesson."""
        own = ",".join(self._own(lesson))
        return command(
            [lesson.name],
            dataset=self._dataset(lesson),
            holdouts=[group for group in (own if h == OWN else h for h in self.holdouts) if group],
            seconds=float(lesson.seconds if self.seconds is None else self.seconds),
            seeds=self.seeds or lesson.seeds,
            first_seed=self.first_seed,
            n=self.n,
            limit=self.limit,
            overrides=self.overrides,
        )

    def command_for(self, lessons: list[str]) -> str:
        """The command as it was asked for: what is None is left to each lesson."""
        return command(
            lessons,
            dataset=self.dataset,
            holdouts=[] if self.holdouts == (OWN,) else self.holdouts,
            seconds=self.seconds,
            seeds=self.seeds,
            first_seed=self.first_seed or None,
            n=self.n,
            limit=self.limit,
            overrides=self.overrides,
        )

    def _dataset(self, lesson: Lesson) -> str:
        """What a lesson is trained on."""
        wanted = self.dataset or lesson.dataset
        if self.own_if_unsuitable:
            from course_lib.data import catalog
            from course_lib.training.presets import get_preset

            if get_preset(lesson.preset).unsuitable(catalog.get(wanted)):
                return lesson.dataset
        return wanted

    def _own(self, lesson: Lesson) -> tuple[str, ...]:
        # A lesson's speakers belong to its own data set; another one is split as its publishers do.
        return tuple(sorted(lesson.holdout)) if self._dataset(lesson) == lesson.dataset else ()

    def _splits(self, lesson: Lesson) -> list[tuple[str, ...]]:
        """Groups of speakers, each once."""
        from course_lib.data import catalog

        splits: list[tuple[str, ...]] = []
        for wanted in self.holdouts:
            if wanted == OWN:
                splits.append(self._own(lesson))
            elif wanted == EVERY:
                dataset = catalog.get(self._dataset(lesson))
                dataset.require()
                splits += [(speaker,) for speaker in sorted(dataset.speaker_names)]
            else:
                names = sorted({name for name in map(str.strip, wanted.split(",")) if name})
                if not names:
                    raise ValueError(
                        f"--holdout expects own, all, or speakers like george,theo; received {wanted!r}"
                    )
                splits.append(tuple(names))
        return list(dict.fromkeys(splits))
