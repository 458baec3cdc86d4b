"""How far a reconstruction is from its target. Features in, one number a clip out."""

from __future__ import annotations

from keras import ops


def mean_absolute(target, estimate):
    """Mean absolute error, (batch, frames, bands) twice -> (batch,)."""
    return ops.mean(ops.abs(target - estimate), axis=(1, 2))


def mean_squared(target, estimate):
    """Mean squared error, (batch, frames, bands) twice -> (batch,)."""
    return ops.mean(ops.square(target - estimate), axis=(1, 2))


def loudness_error(target, estimate, *, floor, gain, exponent: float = 0.48, log_weight: float = 0.1):
    """Squared error of the loudness, and a little of the absolute error of the features.

    Parameters
    ----------
    target, estimate : tensors, shape (batch, frames, bands)
        Log-mel features.
    floor : tensor, shape (bands,)
        Each band's value in silence.
    gain, exponent : float
        As of :class:`course_lib.layers.loudness.Loudness`.
    log_weight : float
        Weight of the absolute error in the features' own unit: it keeps the quiet frames from drifting.

    Returns
    -------
    tensor, shape (batch,)
    """
    target, estimate, floor = (ops.convert_to_tensor(x) for x in (target, estimate, floor))
    # 12 is far above full scale: an untrained network's output must not overflow.
    heard = [gain * ops.expm1(ops.minimum(exponent * (x - floor), 12.0)) for x in (target, estimate)]
    return mean_squared(*heard) + log_weight * mean_absolute(target, estimate)
