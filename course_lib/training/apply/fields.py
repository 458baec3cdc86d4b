"""What a model was told about its clips, one or several things, and what it takes a clip for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np

from course_lib.models.condition import one_hot
from course_lib.training.apply.conditions import Conditions
from course_lib.training.errors import RunError
from course_lib.training.run_folder import Run

# Draws for the likelihood of a clip under a condition; the conditions lie further apart than this is exact.
DRAWS = 4
# Of many conditions only so many are looked at closely.
FEW = 16


class Fields:
    """The parts of a condition, side by side in one row of ones and zeros.

    Parameters
    ----------
    values : mapping of str to sequence
        Each field's values in their order: ``{"instrument": ["pluck", "bell"], "pitch": [60, 61, 62]}``.
    """

    def __init__(self, values: Mapping[str, Sequence[Any]]):
        self.values = {name: Conditions([str(v) for v in known], what=name) for name, known in values.items()}

    @classmethod
    def of(cls, run: Run) -> Fields:
        """Those in ``conditions`` of the run's ``config.json``; without it one field, the class."""
        named = run.config().get("conditions")
        return cls(named) if named else cls({"condition": Conditions.of(run).names})

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many values each field has."""
        return tuple(len(known.names) for known in self.values.values())

    def check(self, run: Run, model: Any) -> None:
        """RunError unless the model reads conditions of these fields."""
        size = getattr(model, "condition_size", None)
        if size != sum(self.sizes):
            raise RunError(
                f"run {run.name} does not say what the conditions of its model mean: it reads {size} "
                f"numbers, and the run names {sum(self.sizes)} ({', '.join(self.values)}); train it again"
            )

    def numbers(self, asked: Mapping[str, str | int]) -> dict[int, int]:
        """{place of the field: number of the value} of what is asked for.

        Raises
        ------
        ValueError
            An unknown field or value; the message lists the valid ones.
        """
        names = list(self.values)
        for name in asked:
            if name not in names:
                raise ValueError(f"unknown condition {name!r}; this run knows {', '.join(names)}")
        return {names.index(name): self.values[name].number(value) for name, value in asked.items()}

    def names(self, numbers: Sequence[int]) -> dict[str, str]:
        """{field: value} of one number for each field."""
        return {
            field: known.names[number]
            for (field, known), number in zip(self.values.items(), numbers, strict=True)
        }

    def rows(self, numbers: np.ndarray) -> np.ndarray:
        """Numbers of values, shape (clips, fields) -> what a model reads, shape (clips, sum of sizes)."""
        return one_hot(numbers, self.sizes)

    def guess(self, model: Any, features: np.ndarray) -> np.ndarray:
        """Under which condition each clip is likeliest, shape (clips, frames, bands) -> (clips, fields).

        The model itself is asked: its ``log_weights`` bound the likelihood of a clip under a condition.
        """
        every = np.array(list(product(*map(range, self.sizes))), np.int64)
        found = []
        for clip in features:
            kept = every
            if len(every) > FEW:
                # One draw tells the hopeless ones.
                kept = every[np.argsort(self._likelihoods(model, clip, every, 1))[-FEW:]]
            found.append(kept[np.argmax(self._likelihoods(model, clip, kept, DRAWS))])
        return np.array(found, np.int64).reshape(len(features), len(self.sizes))

    def _likelihoods(self, model: Any, clip: np.ndarray, every: np.ndarray, draws: int) -> np.ndarray:
        """Bound of the log-likelihood of one clip, up to a constant, under each condition."""
        repeated = np.broadcast_to(clip, (len(every), *clip.shape))
        weights = model.log_weights(repeated, self.rows(every), samples=draws, seed=0)
        return np.logaddexp.reduce(weights, axis=0)
