"""Fill what is missing by a straight line between what is known."""

from __future__ import annotations

import numpy as np


def interpolate_gaps(values, *, mask, axis: int = -1) -> np.ndarray:
    """Interpolate linearly over the masked places along one axis.

    Parameters
    ----------
    values : np.ndarray, any shape
        Samples, shape (samples,), or features, shape (..., frames, bands). What stands under the mask does
        not count and may be NaN.
    mask : np.ndarray, bool, of the same shape
        True where missing.
    axis : int
        -1 along samples or bands, -2 along frames.

    Returns
    -------
    np.ndarray, float32, the same shape
        Exact where the truth is a straight line. A gap at an end takes the nearest known value.

    Raises
    ------
    ValueError
        Another shape of mask, a line with nothing known, NaN outside the mask.
    """
    values, mask = np.asarray(values, np.float64), np.asarray(mask)
    if mask.dtype != bool or mask.shape != values.shape:
        raise ValueError(f"mask must be bool of shape {values.shape}; received {mask.dtype} {mask.shape}")
    if values.size == 0:
        raise ValueError("expected at least one value; received none")
    if not np.isfinite(values[~mask]).all():
        raise ValueError("values hold NaN or infinite ones outside the mask")
    lines = np.moveaxis(values, axis, -1).copy()
    gaps = np.moveaxis(mask, axis, -1)
    places = np.arange(lines.shape[-1])
    for index in np.argwhere(gaps.any(axis=-1)):
        line, gap = lines[tuple(index)], gaps[tuple(index)]
        if gap.all():
            raise ValueError(f"everything is missing along axis {axis}: interpolate along another one")
        line[gap] = np.interp(places[gap], places[~gap], line[~gap])
    return np.moveaxis(lines, -1, axis).astype(np.float32)
