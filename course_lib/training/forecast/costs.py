"""What the parts of a training cost, and what they add up to."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from course_lib.training.schedule import COST_RATIO, is_rung


@dataclass(frozen=True)
class Costs:
    """Seconds of each part of one preset's training on this machine.

    Attributes
    ----------
    start : float
        From a process that has the backend to the first preview: data, network.
    first_step : float
        The first optimiser step, its compilation included.
    step : float
        Another one, with the preparation of its batch.
    held_out : float
        One look at the held-out clips, at the end of each epoch.
    preview : float
        One rung of the ladder.
    checkpoint : float
        One checkpoint.
    batches : int
        Optimiser steps of one epoch.
    epochs : int
        That the preset trains unless told otherwise.
    """

    start: float
    first_step: float
    step: float
    held_out: float
    preview: float
    checkpoint: float
    batches: int
    epochs: int

    def training_seconds(self, epochs: int | None = None) -> float:
        """Seconds of training, as a run's own clock counts them, of so many epochs."""
        epochs = self.epochs if epochs is None else epochs
        steps = epochs * self.batches
        rungs = sum(is_rung(step) for step in range(steps + 1))
        training = self.first_step + max(0, steps - 1) * self.step + epochs * self.held_out
        saves = min(epochs, 1 + training / (COST_RATIO * self.checkpoint)) if self.checkpoint else epochs
        return training + rungs * self.preview + saves * self.checkpoint

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return asdict(self)
