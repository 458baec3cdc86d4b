"""What the studio page knows and can do; no Panel here."""

from __future__ import annotations

from typing import Any

import param

from course_lib.data.catalog import CATALOG
from course_lib.training.presets import PRESETS
from course_lib.training.request import TrainingRequest
from course_lib.training.store import Run, RunError, RunStore, RunSummary, check_name
from dashboards.state.sentences import LIVE_STATES
from dashboards.state.setting import Setting, settings

OWN_SPLIT = ""


class Studio(param.Parameterized):
    """A form for a new training, the list of runs, and which run is open.

    Everything typed stays text until it is checked: :attr:`problems` says, field by field, what is wrong.

    Parameters
    ----------
    store : RunStore
        Where the runs lie.
    pool : WorkerPool or anything with ``submit(TrainingRequest, user=...) -> Run``
        The queue of training slots.
    user : str
        Whose form it is, for the queue: the users' trainings take turns.
    """

    dataset = param.Selector(default="digits", objects=list(CATALOG), doc="Name in the catalog.")
    holdout = param.String(default=OWN_SPLIT, doc="Speaker to keep out; empty: the data's own split.")
    preset = param.Selector(default=next(iter(PRESETS)), objects=list(PRESETS))
    name_wanted = param.String(default="", doc="Name for the run; empty: one is made up.")
    seed = param.String(default="0", doc="As typed.")
    max_seconds = param.String(default="", doc="Time limit as typed; empty: none.")
    values = param.Dict(default={}, doc="Hyperparameters as typed, by name.")
    problems = param.Dict(default={}, doc="What is wrong, by field; empty when a training can start.")
    notice = param.String(default="", doc="Why the last start did not work.")
    lost = param.String(default="", doc="Why the run that was asked for could not be opened.")
    runs = param.List(default=[], item_type=RunSummary, doc="All runs, the newest first.")
    selected = param.String(default="", doc="Name of the open run.")

    def __init__(self, store: RunStore, pool: Any, *, user: str = "", **params):
        super().__init__(**params)
        self.store = store
        self.pool = pool
        self.user = user
        self._reset_values()

    # -- the form ----------------------------------------------------------------------------------------

    @property
    def settings(self) -> list[Setting]:
        """The chosen preset's settings, in the order of the form."""
        return settings(PRESETS[self.preset])

    @property
    def speakers(self) -> list[str]:
        """Who can be held out of the chosen data."""
        return list(CATALOG[self.dataset].speaker_names)

    @property
    def missing(self) -> str:
        """What to do when the chosen data is not on this machine; empty when it is."""
        dataset = CATALOG[self.dataset]
        if dataset.installed:
            return ""
        return f"{dataset.title} is not on this machine yet: {dataset.remedy}, then choose it again."

    @param.depends("preset", watch=True)
    def _reset_values(self) -> None:
        preset = PRESETS[self.preset]
        # Notes for what learns from notes: nobody should have to know.
        fits = preset.dataset if preset.unsuitable(CATALOG[self.dataset]) else self.dataset
        values = {setting.name: setting.text(setting.default) for setting in self.settings}
        self.param.update(dataset=fits, values=values)

    @param.depends("dataset", watch=True)
    def _reset_holdout(self) -> None:
        if self.holdout not in self.speakers:
            self.holdout = OWN_SPLIT

    def set_value(self, name: str, text: Any) -> None:
        """Take what was typed for a hyperparameter."""
        self.values = self.values | {name: str(text).strip()}

    @param.depends(
        "values", "seed", "max_seconds", "name_wanted", "dataset", "holdout", watch=True, on_init=True
    )
    def check(self) -> bool:
        """Fill :attr:`problems`; True when a training can start."""
        problems = {}
        preset = PRESETS[self.preset]
        titles = {setting.name: setting.title for setting in self.settings}
        for name, text in self.values.items():
            try:
                preset.parse({name: text})
            except ValueError as error:
                # The page shows a setting's title, not its name in the library.
                problems[name] = str(error).replace(name, titles.get(name, name), 1)
        if (seed := _whole(self.seed)) is None or not 0 <= seed < 2**31:
            problems["seed"] = (
                f"expected a whole number from 0 to 2147483647; received {self.seed or 'nothing'}"
            )
        if self.max_seconds.strip():
            seconds = _number(self.max_seconds)
            if seconds is None or not 0 < seconds < 1e7:
                problems["max_seconds"] = f"expected seconds above 0, or nothing; received {self.max_seconds}"
        if self.name_wanted.strip():
            try:
                check_name(self.name_wanted.strip())
            except RunError as error:
                problems["name_wanted"] = str(error)
        if problem := preset.unsuitable(CATALOG[self.dataset]) or self.missing:
            problems["dataset"] = problem
        if self.holdout and self.holdout not in self.speakers:
            problems["holdout"] = f"expected one of {', '.join(self.speakers)}; received {self.holdout}"
        self.problems = problems
        return not problems

    def request(self) -> TrainingRequest:
        """The form as a request.

        Raises
        ------
        ValueError
            Something in the form is wrong; the message names it.
        """
        if not self.check():
            raise ValueError("; ".join(self.problems.values()))
        hyperparameters = PRESETS[self.preset].parse(self.values)
        defaults = PRESETS[self.preset].parse({})
        changed = {
            name: value
            for name, value in hyperparameters.model_dump().items()
            if value != getattr(defaults, name)
        }
        return TrainingRequest(
            preset=self.preset,
            dataset=self.dataset,
            holdout=[self.holdout] if self.holdout else [],
            name=self.name_wanted.strip() or None,
            seed=_whole(self.seed),
            max_seconds=_number(self.max_seconds) if self.max_seconds.strip() else None,
            overrides=changed,
        )

    def start(self) -> str | None:
        """Queue the training and open its run; its name, or None with :attr:`notice` saying why not."""
        try:
            run = self.pool.submit(self.request(), user=self.user)
        except (ValueError, OSError) as error:
            self.notice = f"It did not start: {error}"
            return None
        self.param.update(notice="", lost="", name_wanted="", selected=run.name)
        return run.name

    def go_on(self, run: Run) -> None:
        """Queue a stopped run to be resumed.

        Raises
        ------
        ValueError
            It cannot be resumed, or enough is waiting already.
        """
        self.pool.submit(TrainingRequest(name=run.name, resume=True), user=self.user)

    # -- the list of runs ---------------------------------------------------------------------------------

    def show_runs(self, rows: list[RunSummary]) -> None:
        """Take a fresh list of runs."""
        if rows != self.runs:
            self.runs = rows

    def open(self, name: str) -> bool:
        """Open a run by name; False, with :attr:`lost` saying why, when there is none of that name."""
        try:
            self.store.open(name)
        except ValueError as error:
            self.param.update(lost=str(error), selected="")
            return False
        self.param.update(lost="", selected=name)
        return True

    def open_first(self, wanted: str = "") -> str:
        """What to show on arrival: the run that was asked for, else one that trains, else the newest."""
        if wanted:
            self.open(wanted)
            return self.selected
        live = [row.name for row in self.runs if row.state in LIVE_STATES]
        names = live or [row.name for row in self.runs]
        if names:
            self.open(names[0])
        return self.selected


def _whole(text: str) -> int | None:
    try:
        return int(text.strip())
    except ValueError:
        return None


def _number(text: str) -> float | None:
    try:
        return float(text.strip().replace(",", "."))
    except ValueError:
        return None
