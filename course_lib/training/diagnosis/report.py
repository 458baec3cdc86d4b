"""What the checks of one run found, as text and as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from course_lib.evaluation.diagnosis.symptom import SEVERITIES, Symptom
from course_lib.paths import project_root

# What is right where a check finds nothing, by the name of the check.
RIGHT = {
    "diverged": "every loss is a number",
    "learning rate": "the loss falls, and neither shoots up nor jumps",
    "overfitting": "what it learns holds for held-out clips too",
    "silent output": "the output can be heard",
    "clipped output": "nothing is cut off at full scale",
    "same output for everything": "different clips come out differently",
    "dead units": "all layers use nearly all of their units",
    "leakage between splits": "no held-out clip comes from a recording of the training",
    "posterior collapse": "the latent says something about the clip",
    "mode collapse": "the samples are as varied as the clips",
    "critic winning": "the generator holds its ground against the critic",
    "critic fooled": "the critic does better than guessing",
}


@dataclass(frozen=True)
class Diagnosis:
    """What was looked at, and what was found.

    Attributes
    ----------
    run : str
        Name of the run.
    symptoms : tuple of Symptom
        The worst first; notes last.
    checked : tuple of str
        Names of the checks that were made, keys of ``RIGHT``.
    right : tuple of str
        What those say that found nothing, or only a note.
    skipped : tuple of (str, str)
        Names of those that could not be made, and why.
    learnt : str
        How far the loss has come, when it has; else empty.
    """

    run: str
    symptoms: tuple[Symptom, ...] = ()
    checked: tuple[str, ...] = ()
    right: tuple[str, ...] = ()
    skipped: tuple[tuple[str, str], ...] = ()
    learnt: str = ""

    @property
    def wrong(self) -> tuple[Symptom, ...]:
        """The symptoms that ask for a change: all but notes."""
        return tuple(symptom for symptom in self.symptoms if symptom.severity != "note")

    @property
    def serious(self) -> tuple[Symptom, ...]:
        """The symptoms that spoil what comes out."""
        return tuple(symptom for symptom in self.symptoms if symptom.severity == "serious")

    @property
    def notes(self) -> tuple[Symptom, ...]:
        """What is worth knowing, and nothing to mend."""
        return tuple(symptom for symptom in self.symptoms if symptom.severity == "note")

    @property
    def sentence(self) -> str:
        """All of it in one sentence."""
        checks = _count(len(self.checked), "check")
        if not self.checked:
            return "Nothing to look at yet."
        if not self.wrong:
            learnt = f": {self.learnt}" if self.learnt else ""
            return f"Nothing wrong found in {checks}{learnt}."
        names = ", ".join(symptom.name for symptom in self.wrong)
        return f"{_count(len(self.wrong), 'thing')} wrong in {checks}: {names}."

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "run": self.run,
            "healthy": not self.wrong,
            "sentence": self.sentence,
            "symptoms": [symptom.as_dict() for symptom in self.symptoms],
            "right": list(self.right),
            "checked": list(self.checked),
            "skipped": dict(self.skipped),
        }


class Examination:
    """Collects what checks find; a later look at the same thing replaces an earlier one."""

    def __init__(self, run: str):
        self.run = run
        self.learnt = ""
        self._found: dict[str, tuple[Symptom, ...]] = {}
        self._skipped: dict[str, str] = {}

    def look(self, check: str, *found: Symptom | None) -> None:
        """A check was made; None is a symptom that is not there."""
        self._skipped.pop(check, None)
        self._found[check] = tuple(symptom for symptom in found if symptom is not None)

    def skip(self, check: str, why: str) -> None:
        """A check could not be made, unless an earlier look was; the first reason counts."""
        if check not in self._found:
            self._skipped.setdefault(check, why)

    def found(self, check: str) -> tuple[Symptom, ...]:
        """What the latest look at ``check`` found."""
        return self._found.get(check, ())

    def diagnosis(self) -> Diagnosis:
        """All of it."""
        symptoms = [symptom for check in RIGHT for symptom in self._found.get(check, ())]
        return Diagnosis(
            run=self.run,
            symptoms=tuple(sorted(symptoms, key=lambda symptom: SEVERITIES.index(symptom.severity))),
            checked=tuple(check for check in RIGHT if check in self._found),
            right=tuple(
                sentence
                for check, sentence in RIGHT.items()
                if check in self._found and all(found.severity == "note" for found in self._found[check])
            ),
            skipped=tuple((check, self._skipped[check]) for check in RIGHT if check in self._skipped),
            learnt=self.learnt,
        )


def where_to_learn(symptom: Symptom) -> str:
    """Which lab provokes and cures it, as a sentence; empty while that lab is not there."""
    if symptom.lab and any((project_root() / "notebooks").glob(f"{symptom.lab}_*.ipynb")):
        return f"Lab {symptom.lab} is about it."
    return ""


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
