"""From one sound to another in steps, through a model's latents."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from course_lib.training.apply.clips import one_clip
from course_lib.training.apply.fields import Fields
from course_lib.training.apply.verbs import load_for
from course_lib.training.run_folder import Run
from course_lib.training.tasks.exhibit import presentable

MOST_STEPS = 64
FADE_SECONDS = 0.032


@dataclass(frozen=True, eq=False)
class Walk:
    """The steps of a way.

    Attributes
    ----------
    y : np.ndarray, shape (steps, samples), float32
        One clip each, at the level of the training clips; the first and the last are reconstructions.
    features : np.ndarray, shape (steps, frames, bands), float32
    share : np.ndarray, shape (steps,)
        How much of the second sound, 0 to 1.
    sr : int
    """

    y: np.ndarray
    features: np.ndarray
    share: np.ndarray
    sr: int

    def joined(self) -> np.ndarray:
        """One step after another, each faded into the next over 32 ms, shape (samples,), float32."""
        fade = min(round(FADE_SECONDS * self.sr), self.y.shape[1] // 2)
        rise = (0.5 - 0.5 * np.cos(np.pi * (np.arange(fade) + 0.5) / fade)).astype(np.float32)
        step = self.y.shape[1] - fade
        whole = np.zeros(len(self.y) * step + fade, np.float32)
        for number, clip in enumerate(self.y):
            clip = np.array(clip)
            if number > 0:
                clip[:fade] *= rise
            if number < len(self.y) - 1:
                clip[-fade:] *= rise[::-1]
            whole[number * step : number * step + len(clip)] += clip
        return whole


def interpolate(run: Run, a: np.ndarray, b: np.ndarray, *, steps: int = 8) -> Walk:
    """A way from ``a`` to ``b``, each shape (samples,), one word or note of any length, at the model's rate.

    Both are cut to one clip as the training clips were: of a recording of several words the loudest one is
    taken, of several notes the first, and they are brought to one level.

    Parameters
    ----------
    run : Run
        Its model has ``interpolate(a, b, steps)``, features of one clip each -> features of the steps.
    steps : int
        2 to 64, both ends included.

    Raises
    ------
    RunError
        The run cannot be loaded, or its model has no way between two sounds.
    AudioError
        Not mono, empty, not finite, or silent.
    ValueError
        A number of steps out of range.
    """
    if not 2 <= steps <= MOST_STEPS:
        raise ValueError(f"steps must lie between 2 and {MOST_STEPS}; received {steps}")
    representation = run.representation()
    start, end = (one_clip(run, y, representation) for y in (a, b))
    model = load_for(run, "interpolate")
    told = {}
    if hasattr(model, "condition_size"):
        fields = Fields.of(run)
        fields.check(run, model)
        # The way lies under one condition: what the first sound is.
        told["condition"] = fields.rows(fields.guess(model, start[None]))[0]
    features = presentable(model.interpolate(start, end, steps, **told))
    share = np.linspace(0.0, 1.0, steps)
    return Walk(representation.decode(features), features, share, representation.sr)
