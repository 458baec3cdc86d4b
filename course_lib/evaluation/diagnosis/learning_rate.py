"""A learning rate too high or too low, by the training loss."""

from __future__ import annotations

from typing import Any

import numpy as np

from course_lib.evaluation.diagnosis.curves import History, comparable, epochs
from course_lib.evaluation.diagnosis.hysteresis import latched, steady
from course_lib.evaluation.diagnosis.symptom import Symptom
from course_lib.evaluation.diagnosis.words import grown, lower_rate, usual_rate

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

# Sentence, evidence, and whether it is over.
Found = tuple[str, dict[str, Any], bool]


def learning_rate_too_high(
    history: History, *, learning_rate: float | None = None, settled_at: int = 0
) -> Symptom | None:
    """The training loss surged in the first epoch, rose for three epochs, or jumped up three times.

    Parameters
    ----------
    learning_rate : float, optional
        The peak rate of the run, for the remedy.
    settled_at : int
        The step until which the loss itself changes its meaning, as while the weight of a divergence grows:
        rises before it count as none.
    """
    found = _rise(history, settled_at) or _jumps(history, settled_at) or _surge(history)
    if found is None:
        return None
    sentence, evidence, recovered = found
    return Symptom(
        "learning rate too high",
        "warning" if recovered else "serious",
        f"{sentence} {'before it came down' if recovered else 'and has not come down'}.",
        lower_rate(learning_rate, 3 if recovered else 10),
        evidence,
    )


def _losses(history: History, settled_at: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, bool]:
    """Training loss, the same as its ratios mean something, number of the epoch; and if both are the same."""
    rows = epochs(history, "loss", *(["step"] if settled_at else []))
    if settled_at:
        rows = {name: column[rows["step"] >= settled_at] for name, column in rows.items()}
    held_out = epochs(history, "val_loss")["val_loss"]
    (compared, others), plain = comparable(history, rows["loss"], held_out)
    compared = np.maximum(compared, BY_HEART * others.min() if len(others) else 0.0)
    return rows["loss"], compared, rows["epoch"], plain


def _rise(history: History, settled_at: int) -> Found | None:
    loss, compared, epoch, plain = _losses(history, settled_at)
    above = compared / np.minimum.accumulate(compared)
    rising = steady(above >= RISE, RISE_PATIENCE)
    if not rising.any():
        return None
    top = int(np.argmax(np.where(rising, above, 0)))
    low = int(np.argmin(compared[: top + 1]))
    evidence = {"low": float(loss[low]), "low_epoch": int(epoch[low])}
    evidence |= {"high": float(loss[top]), "high_epoch": int(epoch[top])}
    sentence = (
        f"The training loss rose {f'{grown(loss[top] / loss[low] - 1)} ' if plain else ''}between epochs "
        f"{int(epoch[low])} and {int(epoch[top])} ({loss[low]:.3g} to {loss[top]:.3g})"
    )
    return sentence, evidence, not latched(rising, above < RISE_OVER)


def _jumps(history: History, settled_at: int) -> Found | None:
    _, compared, epoch, plain = _losses(history, settled_at)
    jumped = np.flatnonzero(compared[1:] >= RISE * compared[:-1]) + 1
    if len(jumped) < JUMPS:
        return None
    most = float((compared[jumped] / compared[jumped - 1]).max() - 1)
    evidence = {"jumps": len(jumped), "last_jump_epoch": int(epoch[jumped[-1]])}
    evidence |= {"largest_jump": most} if plain else {}
    sentence = f"The training loss jumped up {len(jumped)} times"
    sentence += f", at most {grown(most)} in one epoch" if plain else ""
    return sentence, evidence, bool(jumped[-1] < CALM * len(compared))


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


def learning_rate_too_low(history: History, *, learning_rate: float | None = None) -> Symptom | None:
    """After ten epochs the training loss is within 2 % of where the first epoch left it."""
    rows = epochs(history, "loss")
    loss = rows["loss"]
    if len(loss) < ENOUGH_TO_MOVE or not comparable(history, loss)[1]:
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
