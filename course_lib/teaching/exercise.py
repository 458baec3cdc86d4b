"""What a lab asks for, besides its text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Exercise:
    """One code stub with its check and hints.

    ``check(value, rng)`` returns the sentence for a correct answer, or raises what
    :mod:`course_lib.teaching.check` raises; it is quick, never trains, and draws only from ``rng``.
    ``defines`` is the name the learner defines, by which a missing piece is reported.
    """

    id: str
    title: str
    defines: str
    points: int
    check: Callable[[Any, np.random.Generator], str]
    hints: tuple[str, str]


@dataclass(frozen=True)
class Answer:
    """One answer of a question and why it is right or wrong."""

    text: str
    why: str
    right: bool = False


@dataclass(frozen=True)
class Question:
    """A quiz question; exactly one answer is right and each is explained."""

    id: str
    text: str
    answers: tuple[Answer, ...]

    def __post_init__(self) -> None:
        if sum(answer.right for answer in self.answers) != 1:
            raise ValueError(f"question {self.id} needs exactly one right answer")


@dataclass(frozen=True)
class Prediction:
    """Something to guess before the cell that shows it."""

    id: str
    text: str
    options: tuple[str, ...]


@dataclass(frozen=True)
class Budget:
    """How long one training of a lab may take: epochs, with a limit in seconds, for each profile."""

    title: str
    epochs: int
    seconds: float
    fast_epochs: int = 1
    fast_seconds: float = 5.0

    def limits(self, profile: str) -> tuple[int, float]:
        """(epochs, seconds) in one profile."""
        return (self.fast_epochs, self.fast_seconds) if profile == "fast" else (self.epochs, self.seconds)


@dataclass(frozen=True)
class Content:
    """Everything the teaching room must know of one lab."""

    number: str
    title: str
    notebook: str
    exercises: tuple[Exercise, ...]
    questions: tuple[Question, ...]
    predictions: tuple[Prediction, ...]
    budgets: dict[str, Budget]
    # Where a name that a later cell needs is defined, for a learner who runs cells out of order.
    names: dict[str, str]
