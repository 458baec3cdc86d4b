"""Notes as another instrument would play them."""

from __future__ import annotations

from typing import Any

import numpy as np

from course_lib.training.apply.conditions import Conditions
from course_lib.training.apply.reconstructor import Reconstructor
from course_lib.training.apply.verbs import load_for
from course_lib.training.run_folder import Run

LOWEST_PITCH, HIGHEST_PITCH = 0, 127


def convert(run: Run, y: np.ndarray, *, instrument: str | int, pitch: int) -> np.ndarray:
    """The notes in ``y``, shape (samples,), by another instrument -> the same shape, at the same level.

    Each note becomes one of that pitch, where and as loud as it was: cut and joined as by
    :class:`Reconstructor`, up to 60 s, at the model's sampling rate.

    Parameters
    ----------
    run : Run
        Its model has ``convert(features, instrument=..., pitch=...)``: clips, shape (clips, frames, bands),
        and for each the number of a class and of a pitch, shape (clips,), int -> clips of the same shape.
    instrument : str or int
        A class of the run's data set.
    pitch : int
        MIDI number; 60 is C4.

    Raises
    ------
    RunError
        The run cannot be loaded, or its model does not convert.
    ValueError
        An unknown instrument or pitch; the message lists the valid ones.
    """
    number = Conditions.of(run).number(instrument)
    if isinstance(pitch, bool) or pitch != int(pitch) or not LOWEST_PITCH <= pitch <= HIGHEST_PITCH:
        raise ValueError(
            f"pitch must be a MIDI number from {LOWEST_PITCH} to {HIGHEST_PITCH}, 60 for C4; received {pitch}"
        )
    converting = Reconstructor(_Converting(load_for(run, "convert")), run.representation())
    return converting(y, instrument=number, pitch=int(pitch))


class _Converting:
    """A model whose way through the bottleneck leads to another condition."""

    def __init__(self, model: Any):
        self.model = model

    def reconstruct(self, features: np.ndarray, **condition: np.ndarray) -> np.ndarray:
        return self.model.convert(features, **condition)
