"""What the curve of the training loss says: diverged, or a learning rate too high or too low.

A *history* here is a dict of equally long columns, read by name: ``step``, ``epoch`` (completed epochs, 0
for rows inside the first), ``loss`` and, where there are, ``val_loss`` (NaN where it was not measured) and
``kl_weight``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from course_lib.evaluation.diagnosis.hysteresis import latched, steady
from course_lib.evaluation.diagnosis.symptom import Symptom

History = Mapping[str, Sequence[float]]

# Before this many epochs a curve has no direction.
ENOUGH_EPOCHS = 5
# Of longer histories as many evenly spaced rows are looked at.
MOST_ROWS = 2000

# A loss ten times that of the untrained network is no longer learning anything, unless it had next to none
# (principal components of very few clips): then the held-out loss has not moved.
EXPLODED, MOVED_TOO = 10.0, 2.0
# In a healthy first epoch the warm-up lifts the mean loss by up to 1.8 times, in a network that starts from
# the principal components of very few clips 4 times; a thousand times too high a rate, 6 to 160 times.
SURGE = 5.0
# From epoch to epoch a healthy loss moves by up to 5 %; one bad batch may cost more, but only once.
RISE, RISE_OVER = 1.25, 1.10
RISE_PATIENCE, JUMPS = 3, 3
# Jumps are over when the last quarter of the training has had none.
CALM = 0.75
# Far below the held-out loss a training loss moves because clips are learnt by heart and forgotten again.
BY_HEART = 0.5
# Healthy trainings move by 20 % and more, those that start from principal components too.
MOVED, ENOUGH_TO_MOVE = 0.02, 10
# Adam's own default, and that of the presets: rates ten times away from it are suspects.
USUAL = 1e-3


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
    return Symptom("diverged", "serious", f"{sentence}.", _lower(learning_rate, 10), evidence)


def _held_out_too(history: History) -> bool:
    held_out = epochs(history, "val_loss")["val_loss"]
    return not len(held_out) or bool(held_out[-1] >= MOVED_TOO * held_out.min())


def learning_rate_too_high(history: History, *, learning_rate: float | None = None) -> Symptom | None:
    """The training loss surged in the first epoch, rose for three epochs, or jumped up three times.

    Where a column ``kl_weight`` tells that the loss itself changes its meaning, only the rows since its last
    change are looked at.
    """
    found = _rise(history) or _jumps(history) or _surge(history)
    if found is None:
        return None
    sentence, evidence, recovered = found
    return Symptom(
        "learning rate too high",
        "warning" if recovered else "serious",
        f"{sentence} {'before it came down' if recovered else 'and has not come down'}.",
        _lower(learning_rate, 3 if recovered else 10),
        evidence,
    )


Found = tuple[str, dict[str, Any], bool]


def _losses(history: History) -> tuple[np.ndarray, np.ndarray]:
    """Training loss and number of each epoch, as far as they can be compared; empty where they cannot."""
    rows = _constant_objective(epochs(history, "loss"), history)
    loss = rows["loss"]
    if len(loss) < 2 or not (loss > 0).all():
        return np.empty(0), np.empty(0)
    held_out = epochs(history, "val_loss")["val_loss"]
    return np.maximum(loss, BY_HEART * held_out.min() if len(held_out) else 0.0), rows["epoch"]


def _rise(history: History) -> Found | None:
    loss, epoch = _losses(history)
    above = loss / np.minimum.accumulate(loss)
    rising = steady(above >= RISE, RISE_PATIENCE)
    if not rising.any():
        return None
    top = int(np.argmax(np.where(rising, above, 0)))
    low = int(np.argmin(loss[: top + 1]))
    evidence = {"low": float(loss[low]), "low_epoch": int(epoch[low])}
    evidence |= {"high": float(loss[top]), "high_epoch": int(epoch[top]), "rise": float(above[top] - 1)}
    sentence = (
        f"The training loss rose {grown(evidence['rise'])} between epochs {int(epoch[low])} and "
        f"{int(epoch[top])} ({loss[low]:.3g} to {loss[top]:.3g})"
    )
    return sentence, evidence, not latched(rising, above < RISE_OVER)


def _jumps(history: History) -> Found | None:
    loss, epoch = _losses(history)
    jumped = np.flatnonzero(loss[1:] >= RISE * loss[:-1]) + 1
    if len(jumped) < JUMPS:
        return None
    most = float((loss[jumped] / loss[jumped - 1]).max() - 1)
    evidence = {"jumps": len(jumped), "largest_jump": most, "last_jump_epoch": int(epoch[jumped[-1]])}
    sentence = f"The training loss jumped up {len(jumped)} times, at most {grown(most)} in one epoch"
    return sentence, evidence, bool(jumped[-1] < CALM * len(loss))


def _surge(history: History) -> Found | None:
    """The running mean of the loss inside the first epoch, where it left its first value far behind."""
    loss = np.asarray(history.get("loss", ()), float)
    inside = loss[np.asarray(history.get("epoch", np.ones(len(loss))), float)[: len(loss)] < 1]
    inside = inside[np.isfinite(inside)]
    if len(inside) < 2 or not inside[0] > 0 or inside.max() < SURGE * inside[0]:
        return None
    first, top, last = float(inside[0]), float(inside.max()), float(loss[np.isfinite(loss)][-1])
    sentence = (
        f"In the first epoch the loss shot up to {top / first:.1f} times the untrained network's "
        f"({first:.3g} to {top:.3g})"
    )
    return sentence, {"first_loss": first, "surge_loss": top, "surge": top / first}, last < 0.5 * top


def _constant_objective(rows: dict[str, np.ndarray], history: History) -> dict[str, np.ndarray]:
    """The rows since the weight of the KL divergence last changed; all of them where there is none."""
    weights = epochs(history, "loss", "kl_weight")
    if not len(weights["epoch"]):
        return rows
    changed = np.flatnonzero(np.diff(weights["kl_weight"]) != 0)
    since = weights["epoch"][changed[-1] + 1] if changed.size else 0
    return {name: column[rows["epoch"] >= since] for name, column in rows.items()}


def learning_rate_too_low(history: History, *, learning_rate: float | None = None) -> Symptom | None:
    """After ten epochs the training loss is within 2 % of where the first epoch left it."""
    rows = epochs(history, "loss")
    loss = rows["loss"]
    if len(loss) < ENOUGH_TO_MOVE or not (loss > 0).all():
        return None
    fallen = 1 - loss[-1] / loss[0]
    if not 0 <= fallen < MOVED:
        return None
    first, last = (int(rows["epoch"][row]) for row in (0, -1))
    return Symptom(
        "learning rate too low",
        "warning",
        f"The training loss has hardly moved: {loss[0]:.4g} after epoch {first}, {loss[-1]:.4g} after epoch "
        f"{last}.",
        usual_rate(learning_rate) or "Raise learning_rate ten times.",
        {"first_loss": float(loss[0]), "loss": float(loss[-1]), "fallen": float(fallen), "epochs": last},
    )


def usual_rate(learning_rate: float | None) -> str:
    """Where a learning rate far from the usual one should go; empty for one that is not."""
    if learning_rate is None or USUAL / 10 < learning_rate < USUAL * 10:
        return ""
    way = "Lower" if learning_rate > USUAL else "Raise"
    return f"{way} learning_rate: it is {learning_rate:.3g}, try {USUAL:g}."


def _lower(learning_rate: float | None, times: int) -> str:
    if learning_rate is None:
        return f"Lower learning_rate, {times} times for a start."
    return usual_rate(learning_rate) or (
        f"Lower learning_rate: it is {learning_rate:.3g}, try {learning_rate / times:.1g}."
    )


def grown(share: float) -> str:
    """How much more, for people: ``"by 25 %"``, and from ten times on ``"30-fold"``."""
    return f"by {percent(share)}" if share < 9 else f"{1 + share:.2g}-fold"


def percent(share: float) -> str:
    """A share for people: ``"12 %"``, in one piece wherever a line may end; ``"less than 1 %"``."""
    return "less than 1\N{NO-BREAK SPACE}%" if share < 0.005 else f"{100 * share:.0f}\N{NO-BREAK SPACE}%"
