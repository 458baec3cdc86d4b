"""How far a reconstruction is from its target. Features in, one number a clip out."""

from __future__ import annotations

from keras import ops


def mean_absolute(target, estimate):
    """Mean absolute error, (batch, frames, bands) twice -> (batch,)."""
    return ops.mean(ops.abs(target - estimate), axis=(1, 2))


def mean_squared(target, estimate):
    """Mean squared error, (batch, frames, bands) twice -> (batch,)."""
    return ops.mean(ops.square(target - estimate), axis=(1, 2))
