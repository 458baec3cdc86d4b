"""The learning rate over a training."""

from __future__ import annotations

import math

WARM_UP = 0.03
FINAL = 0.02
# A checkpoint is due when the training since the last one took this many times as long as writing it.
COST_RATIO = 30.0


def progress(step: int, steps: int, elapsed_s: float = 0.0, max_seconds: float | None = None) -> float:
    """How much of a training is over, in [0, 1]: by steps or by time, whichever is further."""
    done = step / steps if steps else 1.0
    if max_seconds is not None:
        done = max(done, elapsed_s / max_seconds)
    return min(1.0, max(0.0, done))


def learning_rate(done: float, peak: float) -> float:
    """Linear warm-up over the first 3 %, then a cosine down to 2 % of ``peak``.

    Parameters
    ----------
    done : float
        Progress in [0, 1].
    """
    if done < WARM_UP:
        return peak * (FINAL + (1 - FINAL) * done / WARM_UP)
    angle = math.pi * (done - WARM_UP) / (1 - WARM_UP)
    return peak * (FINAL + (1 - FINAL) * 0.5 * (1 + math.cos(angle)))


def is_rung(step: int) -> bool:
    """Whether ``step`` is on the checkpoint ladder: 0, 1, 3, 10, 30, 100, 300 and so on."""
    while step >= 10 and step % 10 == 0:
        step //= 10
    return step in (0, 1, 3)
