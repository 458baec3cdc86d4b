"""The verbs that take a sound and give one of the same length."""

from __future__ import annotations

import numpy as np

from course_lib.training.apply.sound_verb import SoundVerb
from course_lib.training.run_folder import Run


def open_verb(run: Run, verb: str) -> SoundVerb:
    """A verb of a run with its model loaded, ready for many sounds: see :class:`SoundVerb`."""
    return SoundVerb(run, verb)


def reconstruct(run: Run, y: np.ndarray, condition: str | int | None = None) -> np.ndarray:
    """``y``, shape (samples,), through the bottleneck and back -> the same shape, at the same level.

    Up to 60 s. Here and below the sampling rate is the model's, and ``run``'s newest weights are loaded at
    each call.

    Raises
    ------
    RunError
        The run has no model that can be loaded, or its model does other things.
    AudioError
        Not mono, empty, not finite, or too long.
    """
    return open_verb(run, "reconstruct")(y, condition)


def denoise(run: Run, y: np.ndarray) -> np.ndarray:
    """The voice in ``y``, shape (samples,), without the noise -> the same shape and level; up to an hour."""
    return open_verb(run, "denoise")(y)


def separate(run: Run, y: np.ndarray, condition: str | int) -> np.ndarray:
    """What in ``y``, shape (samples,), is ``condition``, such as ``"seven"`` or 7; up to an hour.

    Raises
    ------
    ValueError
        An unknown condition; the message lists them.
    """
    return open_verb(run, "separate")(y, condition)


def enhance(run: Run, y: np.ndarray, condition: str | int | None = None) -> np.ndarray:
    """``y``, shape (samples,), as it was before it was damaged -> the same shape; up to an hour.

    The model's own ``enhance(y)`` does it; a condition is for one whose method has that parameter.
    """
    return open_verb(run, "enhance")(y, condition)


def inpaint(run: Run, y: np.ndarray, missing: np.ndarray | None = None) -> np.ndarray:
    """``y``, shape (samples,), with sound where it is ``missing``, shape (samples,), bool; up to an hour.

    The model's own ``inpaint(y, missing)`` does it. Where ``missing`` is None, gaps are found by
    :func:`course_lib.training.apply.restorer.find_gaps`.
    """
    return open_verb(run, "inpaint")(y, missing=missing)
