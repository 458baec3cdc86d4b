"""Judge a learner's code: four verdicts, in well under two seconds, never by training.

A lab's check calls :func:`attempt` and the ``same_...`` functions below; each stops the check at the first
thing that is wrong. :func:`judge` turns that into a :class:`~course_lib.teaching.verdict.Verdict`.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import Any

import numpy as np

from course_lib.teaching.exercise import Exercise
from course_lib.teaching.verdict import Kind, Verdict


class Finding(Exception):
    """Stops a check: what is wrong, in words for the learner."""

    kind: Kind = "wrong value"


class NotAttempted(Finding):
    """The stub is untouched."""

    kind: Kind = "not attempted"


class WrongShape(Finding):
    """The right sort of thing with the wrong dimensions."""

    kind: Kind = "wrong shape"


class WrongValue(Finding):
    """The right shape with the wrong content."""

    kind: Kind = "wrong value"


def judge(exercise: Exercise, value: Any, *, seed: int = 0) -> Verdict:
    """The verdict on ``value``; the same seed gives the same questions, another seed others."""
    try:
        if value is None or value is ...:
            raise NotAttempted(f"`{exercise.defines}` is still empty")
        message = exercise.check(value, np.random.default_rng(seed))
    except Finding as finding:
        return Verdict(exercise.id, finding.kind, str(finding))
    return Verdict(exercise.id, "correct", message)


def attempt(function: Callable, *arguments: Any, **keywords: Any) -> Any:
    """Call a learner's function; its errors become findings that name the line."""
    name = getattr(function, "__name__", "your function")
    if not callable(function):
        raise WrongValue(f"expected a function; received {type(function).__name__}")
    try:
        result = function(*arguments, **keywords)
    except NotImplementedError:
        raise NotAttempted(f"`{name}` still holds the line that says so; replace it with your code") from None
    except Exception as error:
        frame = traceback.extract_tb(error.__traceback__)[-1]
        own = [item for item in traceback.extract_tb(error.__traceback__) if item.name == name]
        where = f"line {(own[-1] if own else frame).lineno} of the cell" if own else frame.name
        raise WrongValue(f"`{name}` raised {type(error).__name__} at {where}: {first_line(error)}") from None
    if result is None or result is ...:
        raise NotAttempted(f"`{name}` returns nothing yet")
    return result


def first_line(error: BaseException) -> str:
    """The first line of an error's message, cut to a readable length."""
    text = (str(error).strip() or type(error).__name__).splitlines()[0]
    return text if len(text) <= 200 else text[:197] + "..."


def same_shape(got: Any, shape: tuple, *, name: str) -> None:
    """Stop unless ``got.shape`` equals ``shape``."""
    if not hasattr(got, "shape"):
        raise WrongShape(f"{name} must be an array of shape {shape}; received a {type(got).__name__}")
    if tuple(got.shape) != tuple(shape):
        raise WrongShape(f"{name} must have shape {tuple(shape)}; received {tuple(got.shape)}")


def same_array(got: Any, expected: np.ndarray, *, name: str, atol: float = 1e-4, meaning: str = "") -> None:
    """Stop unless ``got`` equals ``expected`` within ``atol``, at the first place where it does not."""
    got = np.asarray(got) if not hasattr(got, "shape") else got
    same_shape(got, expected.shape, name=name)
    got = np.asarray(got, dtype=np.float64)
    if not np.isfinite(got).all():
        place = tuple(int(i) for i in np.argwhere(~np.isfinite(got))[0])
        raise WrongValue(f"{name} holds NaN or infinity, first at {list(place)}")
    wrong = np.abs(got - expected) > atol
    if wrong.any():
        place = tuple(int(i) for i in np.argwhere(wrong)[0])
        share = 100 * wrong.mean()
        raise WrongValue(
            f"{name} differs first at {list(place)}: expected {expected[place]:.4f}, received "
            f"{got[place]:.4f} "
            f"({share:.0f} % of the values differ){'; ' + meaning if meaning else ''}"
        )
