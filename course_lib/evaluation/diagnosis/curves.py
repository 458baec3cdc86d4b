"""The curves of a training, and whether they have left the numbers.

A *history* here is a dict of equally long columns, read by name: ``step``, ``epoch`` (completed epochs, 0
for rows inside the first), ``loss`` and, where there is, ``val_loss`` (NaN where it was not measured).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from course_lib.evaluation.diagnosis.symptom import Symptom
from course_lib.evaluation.diagnosis.words import lower_rate

History = Mapping[str, Sequence[float]]

# Before this many epochs a curve has no direction.
ENOUGH_EPOCHS = 5
# Of longer histories as many evenly spaced rows are looked at.
MOST_ROWS = 2000

# A loss ten times that of the untrained network is no longer learning anything, unless it had next to none
# (principal components of very few clips): then the held-out loss has not moved.
EXPLODED, MOVED_TOO = 10.0, 2.0


def epochs(history: History, *names: str) -> dict[str, np.ndarray]:
    """The rows of whole epochs in which all columns ``names`` are finite, at most 2,000, as arrays."""
    names = ("epoch", *names)
    if any(name not in history for name in names):
        return {name: np.empty(0) for name in names}
    length = min(len(history[name]) for name in names)
    columns = {name: np.asarray(history[name][:length], float) for name in names}
    keep = np.all([np.isfinite(column) for column in columns.values()], axis=0) & (columns["epoch"] >= 1)
    rows = np.flatnonzero(keep)
    if len(rows) > MOST_ROWS:
        rows = rows[np.linspace(0, len(rows) - 1, MOST_ROWS).round().astype(int)]
    return {name: column[rows] for name, column in columns.items()}


def diverged(
    history: History,
    *,
    failed_at: int | None = None,
    learning_rate: float | None = None,
    may_grow: bool = False,
) -> Symptom | None:
    """The loss is NaN or infinite, or ten times what the untrained network had.

    Parameters
    ----------
    failed_at : int, optional
        The step after which the training ended itself because its loss was not a number.
    learning_rate : float, optional
        The peak rate of the run, for the remedy.
    may_grow : bool
        A large loss means nothing: that of a generator grows while its critic learns.
    """
    loss = np.asarray(history.get("loss", ()), float)
    steps = np.asarray(history.get("step", np.arange(len(loss))), float)[: len(loss)]
    evidence: dict[str, Any] = {}
    finite = np.isfinite(loss)
    if failed_at is None and not finite.all():
        failed_at = int(steps[np.flatnonzero(~finite)[0]])
    if failed_at is not None:
        evidence["step"] = int(failed_at)
        sentence = f"The loss is not a number since step {failed_at:,}: the training has diverged"
        if finite.any():
            evidence["last_loss"] = float(loss[finite][-1])
            sentence += f"; the last number was {evidence['last_loss']:.4g}"
    elif not may_grow and len(loss) > 1 and 0 < loss[0] * EXPLODED <= loss[-1] and _held_out_too(history):
        evidence = {"first_loss": float(loss[0]), "last_loss": float(loss[-1])}
        sentence = (
            f"The loss has exploded: {loss[-1]:.3g}, {loss[-1] / loss[0]:.3g} times the untrained network's"
        )
    else:
        return None
    return Symptom("diverged", "serious", f"{sentence}.", lower_rate(learning_rate, 10), evidence)


def _held_out_too(history: History) -> bool:
    held_out = epochs(history, "val_loss")["val_loss"]
    return not len(held_out) or bool(held_out[-1] >= MOVED_TOO * held_out.min())


def comparable(history: History, *losses: np.ndarray) -> tuple[list[np.ndarray], bool]:
    """Losses whose ratios mean something, and whether they are the losses themselves.

    A loss in nats (that of a training with a column ``kl``), or one that is not positive everywhere, has no
    natural zero. It is measured from as far below its lowest value as it has fallen: from 2 to 1.
    """
    lowest = min((loss.min() for loss in losses if len(loss)), default=0.0)
    if "kl" not in history and lowest > 0:
        return list(losses), True
    fallen = max((loss[0] for loss in losses if len(loss)), default=0.0) - lowest
    return [(loss - lowest) / fallen + 1 if fallen > 0 else np.ones(len(loss)) for loss in losses], False
