"""One line of the course's scoreboard: what is trained for it, how it is scored, what it must reach."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from course_lib.training.lessons.bar import FACTS, Bar
from course_lib.training.lessons.metric import Metric

if TYPE_CHECKING:
    from course_lib.training.run_folder import Run

OWN_SPLIT = "the data set's own test split"


def held_out_words(holdout) -> str:
    """Speakers as words, or that it is the data set's own split."""
    return ", ".join(holdout) if holdout else OWN_SPLIT


class Lesson:
    """Base of the lessons: class attributes say what they are, ``evaluate`` scores one run.

    Attributes
    ----------
    name, title : str
        What ``course bench`` takes, and a heading.
    preset : str
        What is trained.
    overrides : mapping
        Settings that differ from the preset's.
    rivals : tuple of str
        Presets that are trained in the same time on the same clips, to be rows of the same table;
        ``evaluate`` is then given them as ``rivals={preset: run}``.
    also : tuple of str
        Presets that are not trained for it, but whose runs ``course evaluate`` scores by it.
    dataset : str
        In the catalog.
    holdout : tuple of str
        Speakers held out together; empty takes the data set's own split.
    seconds : float
        Time of each training.
    seeds : int
        How many trainings of each split.
    scoring_seconds : float
        About how long one evaluation takes, for the estimate.
    items : str
        What ``n`` counts.
    metrics : tuple of Metric
        Columns, in order.
    facts : tuple of Metric
        What of the run itself is reported.
    conditions : tuple of str
        Where a run is scored several times over, such as two kinds of noise: ``rows`` of a result is then
        ``{condition: {row: {metric: number}}}`` instead of ``{row: {metric: number}}``.
    share_words : str
        Between what ``<metric>_share`` of a row counts, for the caption: "from ... to ...".
    bars : tuple of Bar
        They hold for the lesson's own data set, speakers and seconds, judged by the mean over seeds.
    """

    name: str
    title: str
    preset: str
    overrides: ClassVar[Mapping[str, Any]] = {}
    rivals: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    dataset: str = "fsdd"
    holdout: tuple[str, ...] = ()
    seconds: float
    seeds: int = 1
    scoring_seconds: float = 60.0
    items: str = "ten-digit strings"
    metrics: tuple[Metric, ...]
    facts: tuple[Metric, ...] = (
        Metric("train_seconds", "training", digits=0, unit="s", at_least=False),
        Metric("epoch_seconds", "one epoch after the first", digits=2, unit="s", at_least=False),
    )
    conditions: tuple[str, ...] = ()
    share_words: str = ""
    bars: tuple[Bar, ...] = ()

    def evaluate(
        self, run: Run, *, n: int | None = None, on_row: Callable[[str], None] | None = None
    ) -> dict[str, Any]:
        """Score one finished run.

        Parameters
        ----------
        n : int, optional
            Only so many ``items``, for a quick look.
        on_row : callable, optional
            Told the name of each row before it is computed.

        Returns
        -------
        dict
            ``rows`` (see ``conditions``) of numbers; beside ``<metric>`` may stand ``<metric>_se``, its
            standard error, and ``<metric>_share``, its share of the way from floor to ceiling. ``protocol``,
            one sentence for a caption; ``settings``, what it was run with; and, where there are any,
            ``facts``, numbers of the model itself.

        Raises
        ------
        RunError
            A run that this lesson cannot score.
        """
        raise NotImplementedError

    def row_title(self, row: str, result: Mapping[str, Any]) -> str:
        """A row's name for people; ``result`` is an evaluation that has it."""
        return row.replace("_", " ")

    def missing(self, metric: str, result: Mapping[str, Any]) -> str:
        """Why a row has no number, in a word or two."""
        if not metric.startswith("pesq"):
            return "n/a"
        from course_lib.evaluation.intelligibility import PESQ_MISSING

        return "n/a (silent)" if result["settings"].get("pesq") else PESQ_MISSING

    def fits(self, result: Mapping[str, Any]) -> bool:
        """Whether an evaluation is of the task that the bars are for."""
        own = (self.dataset, held_out_words(sorted(self.holdout)))
        return (result["dataset"], result["held_out"]) == own

    def metric(self, bar: Bar) -> Metric:
        """The column that a bar is about."""
        columns = self.facts if bar.row == FACTS else self.metrics
        return next(metric for metric in columns if metric.name == bar.metric)

    def tables(self, rows: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
        """``rows`` by condition; the only table of a lesson without conditions has an empty name."""
        return {name: rows[name] for name in self.conditions} if self.conditions else {"": rows}
