"""A notebook's session: ``lab = teaching.lab.open("01")``."""

from __future__ import annotations

import importlib
import os
import time
from html import escape
from typing import Any, Literal

import numpy as np

from course_lib.teaching import check as checking
from course_lib.teaching import hint as hinting
from course_lib.teaching import quiz as quizzing
from course_lib.teaching.errors import LabError
from course_lib.teaching.exercise import Content, Exercise
from course_lib.teaching.machine import Machine, glance, probe
from course_lib.teaching.notebook import Html, explain_errors
from course_lib.teaching.player import Player
from course_lib.teaching.prelude import prelude
from course_lib.teaching.progress import Progress
from course_lib.teaching.trainings import Trainings
from course_lib.teaching.verdict import Verdict, notice
from course_lib.training.quiet import quiet_stderr

__all__ = ["Lab", "content", "open", "prelude"]

Profile = Literal["default", "fast"]
LABS = ("00", "01")


def content(number: str) -> Content:
    """The exercises, questions and budgets of one lab."""
    if number not in LABS:
        raise LabError(f"there is no lab {number!r} yet; expected one of {', '.join(LABS)}")
    return importlib.import_module(f"course_lib.teaching.labs.lab{number}").CONTENT


def open(number: str, *, dataset: str = "digits", profile: Profile | None = None, seed: int = 0) -> Lab:
    """Open a lab: load its data, time this machine, choose a profile, seed everything. Needs no network.

    Parameters
    ----------
    number : str
        The lab, such as ``"01"``.
    dataset : str
        ``"digits"`` (bundled) or ``"fsdd"`` once it is imported.
    profile : str, optional
        ``"default"``, or ``"fast"`` for a rehearsal in two minutes whose numbers mean nothing;
        ``COURSE_PROFILE`` sets it too.
    seed : int
        Of the networks, the shuffling and the checks.

    Raises
    ------
    LabError
        No such lab or profile, or the data set is not here; the sentence holds the remedy.
    """
    chosen = profile or os.environ.get("COURSE_PROFILE") or "default"
    if chosen not in ("default", "fast"):
        raise LabError(f"expected the profile default or fast; received {chosen!r}")
    return Lab(content(number), dataset=dataset, profile=chosen, seed=seed)


class Lab:
    """One learner's session of one lab.

    Attributes
    ----------
    train, test : Clips
        Recordings to learn from, and recordings of voices that are in no training.
    representation : Representation
        From samples to features and back, its scaling fitted on ``train``.
    x_train, x_test : np.ndarray, shape (clips, frames, bands), float32
        The same clips as features.
    """

    def __init__(self, lab: Content, *, dataset: str, profile: Profile, seed: int):
        from course_lib.audio.log_mel_spectrogram import LogMelSpectrogram
        from course_lib.data import catalog, splits

        start = time.perf_counter()
        self.content, self.profile, self.seed, self.dataset = lab, profile, seed, dataset
        self.progress = Progress(lab.number)
        explain_errors(lab.names)
        try:
            clips = catalog.load(dataset)
        except (FileNotFoundError, ValueError) as error:
            raise LabError(str(error)) from error
        self.train, self.test = splits.split(clips, None)
        self.representation = LogMelSpectrogram().fit(self.train.y)
        self.x_train = self.representation.encode(self.train.y)
        self.x_test = self.representation.encode(self.test.y)
        self.trainings = Trainings(self)
        if lab.budgets:
            with quiet_stderr():
                import keras

                self.machine: Machine = probe(self.x_train)
            keras.utils.set_random_seed(seed)
            self.trainings.warm_up()
        else:
            # A lab that trains nothing does not wait for a backend.
            self.machine = glance()
        self.opened_in = time.perf_counter() - start
        self.expectations: list[dict[str, Any]] = []

    @property
    def shape(self) -> tuple[int, int]:
        """(frames, bands) of one clip."""
        return self.representation.shape

    # --- exercises ---------------------------------------------------------------------------------------

    def _exercise(self, exercise: str) -> Exercise:
        found = {item.id: item for item in self.content.exercises}
        if exercise not in found:
            raise LabError(f"no exercise {exercise!r} in this lab; expected one of {', '.join(found)}")
        return found[exercise]

    def check(self, exercise: str, value: Any, *, seed: int | None = None) -> Verdict:
        """Judge an answer: *not attempted, wrong shape, wrong value* or *correct*, in under two seconds."""
        verdict = checking.judge(self._exercise(exercise), value, seed=self.seed if seed is None else seed)
        self.progress.set("checks", exercise, verdict.kind)
        return verdict

    def hint(self, exercise: str) -> hinting.Hint:
        """The next hint; there are two."""
        stage = int(self.progress.get("hints", exercise, 0)) + 1
        hint = hinting.Hint(self._exercise(exercise), stage)
        self.progress.set("hints", exercise, hint.stage)
        return hint

    def solution(self, exercise: str) -> hinting.Solution:
        """The course's own solution, folded."""
        from course_lib.paths import project_root

        try:
            return hinting.Solution(
                self._exercise(exercise), project_root() / "notebooks" / self.content.notebook
            )
        except (FileNotFoundError, ValueError) as error:
            raise LabError(str(error)) from error

    def quiz(self, question: str, answer: str | None = None) -> quizzing.Choice:
        """A question to click, or to answer by letter."""
        found = {item.id: item for item in self.content.questions}
        if question not in found:
            raise LabError(f"no question {question!r} in this lab; expected one of {', '.join(found)}")
        choice = quizzing.quiz(
            found[question],
            record=lambda index: self.progress.set("answers", question, index),
            chosen=self._chosen("answers", question, len(found[question].answers)),
        )
        return choice if answer is None else choice.choose(answer)

    def _chosen(self, section: str, key: str, options: int) -> int | None:
        """An earlier choice if it still names one of the options."""
        index = self.progress.get(section, key)
        return index if isinstance(index, int) and 0 <= index < options else None

    # --- trainings ---------------------------------------------------------------------------------------

    def start(
        self,
        budget: str,
        *,
        encoder: Any = None,
        decoder: Any = None,
        name: str | None = None,
        limit_clips: int | None = None,
        **settings: Any,
    ) -> Any:
        """Start a training in its own process and return its run at once.

        Parameters
        ----------
        budget : str
            Which training of this lab it is: that sets its epochs and its limit in seconds.
        encoder, decoder : keras.Model, optional
            Your networks; without them the course's own, shaped by ``settings`` (``latent_dim=...``).
        limit_clips : int, optional
            Learn from this many clips only.
        """
        budgets = self.content.budgets
        if budget not in budgets:
            raise LabError(f"no training {budget!r} in this lab; expected one of {', '.join(budgets)}")
        if (encoder is None) != (decoder is None):
            raise LabError("give both an encoder and a decoder, or neither")
        networks = None if encoder is None else (encoder, decoder)
        try:
            return self.trainings.start(
                budgets[budget],
                name or budget,
                networks=networks,
                limit_clips=limit_clips,
                settings={"augment": False} | settings,
            )
        except (ValueError, OSError) as error:
            raise LabError(f"the training could not start: {error}") from error

    def epochs(self, number: int) -> int:
        """``number`` of epochs for a training in the notebook itself; two in the fast profile."""
        return min(number, 2) if self.profile == "fast" else number

    def wait(self, *runs: Any) -> None:
        """Wait for trainings to end; interrupting the cell leaves them running."""
        self.trainings.wait(runs)

    def model(self, run: Any) -> Any:
        """The trained model of a run."""
        return self.trainings.model(run)

    def diagnose(self, run: Any) -> Html:
        """What is wrong with a run's numbers, in words, and what to change."""
        return self.trainings.diagnose(run)

    def ladder(self, run: Any, *, clip: int = 0, steps: tuple[int, ...] = (0, 10, 100, 1000)) -> Any:
        """How one clip sounded while the model learnt, level-matched."""
        return self.trainings.ladder(run, clip=clip, steps=steps)

    # --- sound -------------------------------------------------------------------------------------------

    def player(self, features: np.ndarray, title: str, note: str = "") -> Player:
        """Features of one clip, shape (frames, bands), as a player with its spectrogram."""
        picture = 20 * np.log10(np.maximum(self.representation.magnitude(features), 1e-4))
        y = self.representation.decode(features)
        return Player(y, title, sr=self.representation.sr, note=note, picture=picture)

    def recording(self, y: np.ndarray, title: str, note: str = "") -> Player:
        """A clip of samples, shape (n_samples,), as it is, with its spectrogram."""
        picture = 20 * np.log10(
            np.maximum(self.representation.magnitude(self.representation.encode(y)), 1e-4)
        )
        return Player(y, title, sr=self.representation.sr, note=note, picture=picture)

    # --- predictions and expectations ----------------------------------------------------------------------

    def predict(self, prediction: str, answer: str | None = None) -> quizzing.Choice:
        """Ask for a guess before the cell that shows the outcome."""
        found = {item.id: item for item in self.content.predictions}
        if prediction not in found:
            raise LabError(f"no prediction {prediction!r} in this lab; expected one of {', '.join(found)}")
        choice = quizzing.predict(
            found[prediction],
            record=lambda index: self.progress.set("predictions", prediction, index),
            chosen=self._chosen("predictions", prediction, len(found[prediction].options)),
        )
        return choice if answer is None else choice.choose(answer)

    def outcome(self, prediction: str, actual: str) -> Html:
        """The guess beside what happened."""
        found = {item.id: item for item in self.content.predictions}
        index = self._chosen("predictions", prediction, len(found[prediction].options))
        guess = "no guess recorded" if index is None else found[prediction].options[index]
        body = f"<b>You predicted:</b> <i>{escape(guess)}</i><br><b>It came out:</b> {escape(actual)}"
        return Html(notice(body, mark="⚖"), f"You predicted: {guess}\nIt came out: {actual}")

    def expect(self, what: str, value: float, low: float, high: float, *, unit: str = "") -> Html:
        """Compare a measured value with the band that the text states; the fast profile does not judge."""
        value = float(value)
        inside = low <= value <= high
        # Where nothing is trained the fast profile computes the same numbers.
        judged = (self.profile != "fast" or not self.content.budgets) and self.dataset == "digits"
        self.expectations.append(
            {"what": what, "value": value, "low": low, "high": high, "inside": inside, "judged": judged}
        )
        band = f"expected {low:g} to {high:g}{unit}"
        if not judged:
            why = (
                "the band is for `digits`"
                if self.dataset != "digits"
                else "the fast profile trains too little"
            )
            text, mark, colour = f"{what}: {value:.3g}{unit} ({band}; not judged: {why})", "○", "#6b7280"
        elif inside:
            text, mark, colour = f"{what}: {value:.3g}{unit} ({band})", "✓", "#15803d"
        else:
            why = " Was the training cut short?" if self.content.budgets else ""
            text = f"{what}: {value:.3g}{unit}, outside what the text says ({band}).{why}"
            mark, colour = "!", "#b45309"
        return Html(notice(escape(text), mark=mark, colour=colour), f"{mark} {text}")

    # --- display --------------------------------------------------------------------------------------------

    def _plan(self) -> list[tuple[str, str]]:
        rows = []
        for budget in self.content.budgets.values():
            epochs, limit = budget.limits(self.profile)
            arguments = {"clips": len(self.train), "epochs": epochs, "limit": limit}
            seconds = self.machine.seconds_for(**arguments)
            count = self.machine.epochs_in(**arguments)
            rows.append((budget.title, f"about {seconds:.0f} s ({count} epoch{'s' * (count != 1)})"))
        return rows

    def _facts(self) -> list[tuple[str, str]]:
        machine = self.machine
        voices, tested = set(self.train.speaker), set(self.test.speaker)
        whose = "other" if not voices & tested else "of the same"
        trains = [("one real training step", f"{machine.step_ms:.0f} ms (64 clips)")]
        where = f", training on {machine.device}"
        if not self.content.budgets:
            trains, where = [], "; nothing is trained in this lab"
        return [
            ("machine", f"{machine.cores} cores, {machine.memory_gb:.0f} GB{where}"),
            *trains,
            ("profile", f"{self.profile}, seed {self.seed}, no network needed"),
            (
                "data",
                f"{self.dataset}: {len(self.train):,} clips of {len(voices)} voices to learn from, "
                f"{len(self.test):,} clips of {len(tested)} {whose} voices to test",
            ),
        ]

    def __repr__(self) -> str:
        rows = [*self._facts(), *self._plan()]
        lines = [f"Lab {self.content.number} · {self.content.title} (ready in {self.opened_in:.0f} s)"]
        return "\n".join([*lines, *(f"  {name}: {value}" for name, value in rows)])

    def _repr_html_(self) -> str:
        def table(rows: list[tuple[str, str]]) -> str:
            cells = "".join(
                f'<tr><td style="text-align:left;opacity:.75">{escape(name)}</td>'
                f'<td style="text-align:left">{escape(value)}</td></tr>'
                for name, value in rows
            )
            return f'<table style="margin:.3em 0">{cells}</table>'

        done = sum(kind == "correct" for kind in self.progress.data["checks"].values())
        body = (
            f"<b>Lab {self.content.number} · {escape(self.content.title)}</b> is ready "
            f"({self.opened_in:.0f} s); {done} of {len(self.content.exercises)} exercises solved so far."
            f"{table(self._facts())}"
        )
        if self.content.budgets:
            body += f"<b>Trainings, as long as they take here</b>{table(self._plan())}"
        return notice(body, mark="♪")
