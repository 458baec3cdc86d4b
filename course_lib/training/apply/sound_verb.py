"""A verb that takes a sound and gives one of the same length, opened once for many sounds."""

from __future__ import annotations

from typing import Any

import numpy as np

from course_lib.training.apply.clips import pause_between
from course_lib.training.apply.conditions import Conditions
from course_lib.training.apply.fields import Fields
from course_lib.training.apply.reconstructor import Reconstructor
from course_lib.training.apply.restorer import Restorer
from course_lib.training.apply.verbs import load_for, takes
from course_lib.training.errors import RunError
from course_lib.training.run_folder import Run

RESTORING = ("denoise", "separate", "enhance", "inpaint")


class SoundVerb:
    """A verb of a run, its model loaded; call it with a sound.

    Parameters
    ----------
    run : Run
    verb : str
        ``reconstruct``, ``denoise``, ``separate``, ``enhance`` or ``inpaint``.

    Attributes
    ----------
    sr : int
        Sampling rate in Hz of what goes in and of what comes out.
    max_seconds : float
        The longest sound.
    conditions : Conditions or None
        What can be asked for; None where nothing can.

    Raises
    ------
    RunError
        The run cannot be loaded, or its model does other things.
    """

    def __init__(self, run: Run, verb: str):
        if verb not in ("reconstruct", *RESTORING):
            raise ValueError(f"expected one of reconstruct, {', '.join(RESTORING)}; received {verb!r}")
        self.run = run
        self.verb = verb
        model = load_for(run, verb)
        # A model that reads rows of numbers finds out by itself what it hears.
        asked = takes(model, verb, "condition") and not hasattr(model, "condition_size")
        self.conditions = Conditions.of(run) if asked else None
        representation = run.representation() if verb == "reconstruct" else None
        self._function: Reconstructor | Restorer = (
            Restorer(model, verb, sr=_sampling_rate(run))
            if representation is None
            else Reconstructor(_self_told(run, model), representation, pause_seconds=pause_between(run))
        )
        self.sr = self._function.sr
        self.max_seconds = self._function.max_seconds

    def check(self, condition: str | int | None) -> int | None:
        """The number of what is asked for.

        Raises
        ------
        ValueError
            An unknown condition, one too many, or one too few.
        """
        if condition is None:
            if self.conditions is not None:
                raise ValueError(
                    f"say what to {self.verb}: run {self.run.name} knows the conditions "
                    f"{', '.join(self.conditions.names)}"
                )
            return None
        if self.conditions is None:
            raise ValueError(f"run {self.run.name} takes no condition; received {condition!r}")
        return self.conditions.number(condition)

    def __call__(self, y: np.ndarray, condition: str | int | None = None, **options: Any) -> np.ndarray:
        """What the model makes of ``y``, shape (samples,), -> the same shape, float32.

        Further arguments are those of :class:`Restorer`.
        """
        number = self.check(condition)
        return self._function(y, **({} if number is None else {"condition": number}), **options)


def _sampling_rate(run: Run) -> int:
    """Sampling rate in Hz of a run's sounds; its representation need not be fitted.

    Raises
    ------
    RunError
        The run has not read its data yet.
    """
    config = run.config().get("representation")
    if not config:
        raise RunError(f"run {run.name} has not read its data yet; wait for its first preview")
    return int(config["sr"])


def _self_told(run: Run, model: Any) -> Any:
    """A model whose ``reconstruct`` wants no more than features."""
    if not hasattr(model, "condition_size"):
        return model
    fields = Fields.of(run)
    fields.check(run, model)
    return _SelfTold(model, fields)


class _SelfTold:
    """A model that is told what it takes each clip for."""

    def __init__(self, model: Any, fields: Fields):
        self.model = model
        self.fields = fields

    def reconstruct(self, features: np.ndarray) -> np.ndarray:
        return self.model.reconstruct(features, self.fields.rows(self.fields.guess(self.model, features)))
