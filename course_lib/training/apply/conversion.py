"""Notes as another instrument would play them, words as another voice would say them."""

from __future__ import annotations

from typing import Any

import numpy as np

from course_lib.training.apply.clips import pause_between
from course_lib.training.apply.fields import Fields
from course_lib.training.apply.reconstructor import Reconstructor
from course_lib.training.apply.verbs import load_for
from course_lib.training.run_folder import Run


class Converter:
    """A run whose model converts, loaded once for many sounds; call it with a sound and what is wanted.

    Parameters
    ----------
    run : Run
        Its model is a :class:`course_lib.models.conditional_vae.ConditionalVAE`.

    Attributes
    ----------
    model : keras.Model
    fields : Fields
        What can be asked for.

    Raises
    ------
    RunError
        The run cannot be loaded, or its model does not convert.
    """

    def __init__(self, run: Run):
        self.fields = Fields.of(run)
        self.model = load_for(run, "convert")
        self.fields.check(run, self.model)
        self._representation = run.representation()
        self._pause_seconds = pause_between(run)

    def __call__(self, y: np.ndarray, **wanted: str | int) -> np.ndarray:
        """As :func:`convert`."""
        numbers = _numbers(self.fields, wanted)
        told = _Converting(self.model, self.fields, numbers)
        return Reconstructor(told, self._representation, pause_seconds=self._pause_seconds)(y)


def convert(run: Run, y: np.ndarray, **wanted: str | int) -> np.ndarray:
    """The notes in ``y``, shape (samples,), under another condition -> the same shape, at the same level.

    What each note is the model itself finds out; what is not asked to change stays. Notes are cut and joined
    as by :class:`Reconstructor`, up to 60 s, at the model's sampling rate.

    Parameters
    ----------
    run : Run
        As of :class:`Converter`, which loads it once for many sounds.
    wanted
        Fields of the condition, by name or number: ``instrument="bell", pitch=72``.

    Raises
    ------
    RunError
        The run cannot be loaded, or its model does not convert.
    ValueError
        Nothing is asked for, or something unknown; the message lists the valid ones.
    """
    # Known before the model is loaded, which takes seconds.
    _numbers(Fields.of(run), wanted)
    return Converter(run)(y, **wanted)


def _numbers(fields: Fields, wanted: dict[str, str | int]) -> dict[int, int]:
    if not wanted:
        raise ValueError(f"say what to change: {', '.join(fields.values)}")
    return fields.numbers(wanted)


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
