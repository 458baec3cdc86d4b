"""Sounds that a model makes from nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from course_lib.training.apply.fields import Fields
from course_lib.training.apply.verbs import load_for
from course_lib.training.run_folder import Run
from course_lib.training.tasks.exhibit import presentable

MOST = 1000


@dataclass(frozen=True, eq=False)
class Samples:
    """What was made.

    Attributes
    ----------
    y : np.ndarray, shape (n, samples), float32
        At the level of the training clips; values beyond full scale are not clipped here.
    features : np.ndarray, shape (n, frames, bands), float32
    labels : np.ndarray, shape (n,), int64, or None
        Class asked for in each; None for a model that takes no condition.
    names : tuple of str
        What each is called: its class, or ``sample``.
    asked : tuple of dict
        The values of all fields of each one's condition, by field; empty for a model that takes none.
    sr : int
    seed : int
    """

    y: np.ndarray
    features: np.ndarray
    labels: np.ndarray | None
    names: tuple[str, ...]
    asked: tuple[dict[str, str], ...]
    sr: int
    seed: int


def sample(
    run: Run, n: int = 16, *, condition: str | int | None = None, seed: int = 0, **wanted: str | int
) -> Samples:
    """``n`` sounds that never were, each one clip long.

    Parameters
    ----------
    run : Run
        Its model has ``sample(n, condition=..., seed=...)`` -> features. One that can be asked for a class
        says so by its attribute ``conditional``; one that reads rows of numbers by ``condition_size``.
    n : int
        1 to 1,000.
    condition : str or int, optional
        Name or number of a class; a model that takes one makes all classes in turn without it. Where a
        condition has several fields this is the first one, and the others are drawn by ``seed``.
    seed : int
        The same one gives the same sounds.
    wanted
        Fields of a condition that has several: ``instrument="bell", pitch=72``.

    Raises
    ------
    RunError
        The run cannot be loaded, or its model does not make sounds.
    ValueError
        A number out of range, an unknown condition, or a condition for a model that takes none.
    """
    if not 1 <= n <= MOST:
        raise ValueError(f"n must lie between 1 and {MOST}; received {n}")
    if not 0 <= seed < 2**32:
        raise ValueError(f"seed must lie between 0 and {2**32 - 1}; received {seed}")
    fields = Fields.of(run)
    first, conditions = next(iter(fields.values.items()))
    if condition is not None:
        if first in wanted:
            raise ValueError(f"{first} is asked for twice: {wanted[first]!r} and {condition!r}")
        wanted = {first: condition} | wanted
    numbers = fields.numbers(wanted)
    representation = run.representation()
    model = load_for(run, "sample")
    several = hasattr(model, "condition_size")
    if several:
        fields.check(run, model)
    elif not getattr(model, "conditional", False):
        if wanted:
            received = ", ".join(repr(value) for value in wanted.values())
            raise ValueError(
                f"run {run.name} takes no condition: its model was not told what it heard; "
                f"received {received}"
            )
        features = presentable(model.sample(n, condition=None, seed=seed))
        made = representation.decode(features)
        return Samples(made, features, None, ("sample",) * n, ({},) * n, representation.sr, seed)
    drawn = np.random.default_rng(seed).integers(0, fields.sizes, (n, len(fields.sizes)))
    drawn[:, 0] = np.arange(n) % len(conditions.names)
    for place, number in numbers.items():
        drawn[:, place] = number
    asked = fields.rows(drawn) if several else drawn[:, 0]
    features = presentable(model.sample(n, condition=asked, seed=seed))
    return Samples(
        representation.decode(features),
        features,
        drawn[:, 0],
        tuple(conditions.names[label] for label in drawn[:, 0]),
        tuple(fields.names(row) for row in drawn),
        representation.sr,
        seed,
    )
