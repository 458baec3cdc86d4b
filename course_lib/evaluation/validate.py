"""What every metric asks of its two signals."""

from __future__ import annotations

import numpy as np


def signals(
    reference, estimate, *, min_samples: int = 1, name: str = "estimate", same_length: bool = True
) -> tuple[np.ndarray, np.ndarray]:
    """Both signals as float64, shape (samples,), or an error that says what is wrong with which.

    Parameters
    ----------
    min_samples : int
        How short the shorter one may be.
    name : str
        What to call the second signal in a message.
    same_length : bool
        False for metrics that align the two in time themselves.

    Raises
    ------
    ValueError
        Not mono, of different length, shorter than ``min_samples``, NaN or infinite, or a silent reference.
    """
    reference = mono(reference, name="reference")
    estimate = mono(estimate, name=name)
    if same_length and reference.shape != estimate.shape:
        raise ValueError(
            f"reference and {name} must be equally long; received {len(reference)} and "
            f"{len(estimate)} samples: cut the longer one or pad the shorter one with zeros"
        )
    shorter = min(len(reference), len(estimate))
    if shorter < min_samples:
        raise ValueError(f"expected at least {min_samples} samples; received {shorter}: give a longer sound")
    if not np.any(reference):
        raise ValueError("the reference is silent: no estimate can be compared with it; give another one")
    return reference, estimate


def mono(y, *, name: str) -> np.ndarray:
    """``y`` as float64, shape (samples,), finite; ValueError that begins with ``name`` otherwise."""
    y = np.asarray(y)
    if y.ndim != 1:
        raise ValueError(
            f"{name} must be mono with shape (samples,); received shape {y.shape}: pass one clip, one channel"
        )
    if not (np.issubdtype(y.dtype, np.floating) or np.issubdtype(y.dtype, np.integer)):
        raise ValueError(f"{name} must hold real numbers; received {y.dtype}: convert it to float32")
    y = y.astype(np.float64)
    if not np.isfinite(y).all():
        raise ValueError(
            f"{name} holds {int((~np.isfinite(y)).sum())} NaN or infinite samples of {len(y)}: "
            "look where it was made, no metric can repair it"
        )
    return y


def sources(references, estimates) -> tuple[np.ndarray, np.ndarray]:
    """Two stacks of signals as float64, shape (sources, samples), or an error that says which is wrong.

    Raises
    ------
    ValueError
        Another number of axes, different shapes, NaN or infinite, or a silent reference.
    """
    references, estimates = (np.asarray(stack) for stack in (references, estimates))
    for name, stack in (("references", references), ("estimates", estimates)):
        if stack.ndim != 2 or 0 in stack.shape:
            raise ValueError(f"{name} must have shape (sources, samples); received shape {stack.shape}")
    if references.shape != estimates.shape:
        raise ValueError(
            f"references and estimates must have one shape; received {references.shape} and "
            f"{estimates.shape}: give one estimate for each reference, equally long"
        )
    references = np.stack([mono(y, name=f"references[{n}]") for n, y in enumerate(references)])
    estimates = np.stack([mono(y, name=f"estimates[{n}]") for n, y in enumerate(estimates)])
    silent = np.flatnonzero(~references.any(axis=1))
    if len(silent):
        raise ValueError(f"references[{silent[0]}] is silent: leave that source and its estimate out")
    return references, estimates


def rate(sr) -> float:
    """A sampling rate in Hz, positive and finite; ValueError otherwise."""
    if not (np.isscalar(sr) and np.isreal(sr) and 0 < sr < np.inf):
        raise ValueError(f"sr must be a positive sampling rate in Hz; received {sr!r}")
    return sr


def features(reference, estimate) -> tuple[np.ndarray, np.ndarray]:
    """Two feature arrays of one shape, (clips, frames, bands), finite; ValueError otherwise."""
    reference, estimate = np.asarray(reference), np.asarray(estimate)
    if reference.ndim != 3 or 0 in reference.shape:
        raise ValueError(f"expected features of shape (clips, frames, bands); received {reference.shape}")
    if reference.shape != estimate.shape:
        raise ValueError(
            f"reference and estimate must have one shape; received {reference.shape} and {estimate.shape}"
        )
    if not np.isfinite(estimate).all():
        raise ValueError("the estimated features hold NaN or infinite values: the training has diverged")
    return reference, estimate
