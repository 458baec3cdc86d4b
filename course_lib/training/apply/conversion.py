"""Notes as another instrument would play them, words as another voice would say them."""

from __future__ import annotations

from typing import Any

import numpy as np

from course_lib.training.apply.fields import Fields
from course_lib.training.apply.reconstructor import Reconstructor
from course_lib.training.apply.verbs import load_for
from course_lib.training.run_folder import Run


def convert(run: Run, y: np.ndarray, **wanted: str | int) -> np.ndarray:
    """The notes in ``y``, shape (samples,), under another condition -> the same shape, at the same level.

    What each note is the model itself finds out; what is not asked to change stays. Notes are cut and joined
    as by :class:`Reconstructor`, up to 60 s, at the model's sampling rate.

    Parameters
    ----------
    run : Run
        Its model is a :class:`course_lib.models.conditional_vae.ConditionalVAE`.
    wanted
        Fields of the condition, by name or number: ``instrument="bell", pitch=72``.

    Raises
    ------
    RunError
        The run cannot be loaded, or its model does not convert.
    ValueError
        Nothing is asked for, or something unknown; the message lists the valid ones.
    """
    fields = Fields.of(run)
    if not wanted:
        raise ValueError(f"say what to change: {', '.join(fields.values)}")
    numbers = fields.numbers(wanted)
    model = load_for(run, "convert")
    fields.check(run, model)
    return Reconstructor(_Converting(model, fields, numbers), run.representation())(y)


class _Converting:
    """A model whose way through the bottleneck leads to another condition."""

    def __init__(self, model: Any, fields: Fields, numbers: dict[int, int]):
        self.model = model
        self.fields = fields
        self.numbers = numbers

    def reconstruct(self, features: np.ndarray) -> np.ndarray:
        here = self.fields.guess(self.model, features)
        there = here.copy()
        for place, number in self.numbers.items():
            there[:, place] = number
        return self.model.convert(features, self.fields.rows(here), self.fields.rows(there))
