"""What every metric asks of its two signals."""

from __future__ import annotations

import numpy as np


def signals(reference, estimate, *, min_samples: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Both signals as float64, shape (samples,), or an error that says what is wrong with which.

    Raises
    ------
    ValueError
        Not mono, of different length, shorter than ``min_samples``, NaN or infinite, or a silent reference.
    """
    reference = _mono(reference, "reference")
    estimate = _mono(estimate, "estimate")
    if reference.shape != estimate.shape:
        raise ValueError(
            f"reference and estimate must be equally long; received {len(reference)} and "
            f"{len(estimate)} samples"
        )
    if len(reference) < min_samples:
        raise ValueError(f"expected at least {min_samples} samples; received {len(reference)}")
    if not np.any(reference):
        raise ValueError("the reference is silent: no estimate can be compared with it")
    return reference, estimate


def _mono(y, name: str) -> np.ndarray:
    y = np.asarray(y)
    if y.ndim != 1:
        raise ValueError(f"{name} must be mono with shape (samples,); received shape {y.shape}")
    if not (np.issubdtype(y.dtype, np.floating) or np.issubdtype(y.dtype, np.integer)):
        raise ValueError(f"{name} must hold real numbers; received {y.dtype}")
    y = y.astype(np.float64)
    if not np.isfinite(y).all():
        raise ValueError(f"{name} holds {int((~np.isfinite(y)).sum())} NaN or infinite samples")
    return y


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
