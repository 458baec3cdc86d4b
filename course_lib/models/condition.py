"""Conditions as numbers: which digit, whose voice, which instrument and pitch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def one_hot(fields: np.ndarray, sizes: Sequence[int]) -> np.ndarray:
    """Categories side by side as ones and zeros.

    Parameters
    ----------
    fields : np.ndarray, shape (clips, len(sizes)) or (clips,) for one field, integers
        For instance the digit and the number of the speaker of each clip.
    sizes : sequence of int
        How many values each field may take: (10, 6).

    Returns
    -------
    np.ndarray, shape (clips, sum(sizes)), float32
        As many ones a row as there are fields.

    Raises
    ------
    ValueError
        Another number of fields, no integers, or a value out of its range.
    """
    fields = np.asarray(fields)
    fields = fields[:, None] if fields.ndim == 1 else fields
    if fields.ndim != 2 or fields.shape[1] != len(sizes) or not np.issubdtype(fields.dtype, np.integer):
        raise ValueError(
            f"expected integers of shape (clips, {len(sizes)}); received {fields.dtype} {fields.shape}"
        )
    if len(fields) and ((fields < 0).any() or (fields.max(axis=0) >= np.asarray(sizes)).any()):
        raise ValueError(
            f"each field must lie below its size, {tuple(sizes)}; received up to {fields.max(axis=0)}"
        )
    return np.concatenate(
        [np.eye(size, dtype=np.float32)[column] for size, column in zip(sizes, fields.T, strict=True)], axis=1
    )
