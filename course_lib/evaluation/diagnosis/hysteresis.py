"""Sentences that stay: true only after some patience, and true until it is clearly over."""

from __future__ import annotations

import numpy as np


def steady(mask, patience: int) -> np.ndarray:
    """Where ``mask`` has been true for ``patience`` entries in a row, this one included; same shape."""
    mask = np.asarray(mask, bool)
    index = np.arange(len(mask))
    last_false = np.maximum.accumulate(np.where(mask, -1, index)) if len(mask) else index
    return index - last_false >= patience


def latched(on, off) -> bool:
    """Whether a state that ``on`` begins and ``off`` ends holds at the last entry; ``off`` wins.

    The threshold that ends a state lies below the one that begins it. A number that wavers about either
    then does not make its sentence come and go, and because the whole past is read anew each time, whoever
    looks, and whenever, sees the same.
    """
    off = np.asarray(off, bool)
    begun, ended = np.flatnonzero(np.asarray(on, bool) & ~off), np.flatnonzero(off)
    return bool(begun.size) and not (ended.size and ended[-1] > begun[-1])
