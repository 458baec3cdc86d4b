"""Single digits joined into ten-digit strings: what STOI and PESQ are defined for.

One digit lasts 0.4 s: too short for STOI, which then answers 1e-5, and noisy for PESQ.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from course_lib.audio.mixing import join


def arrange(label, *, per_string: int = 10, seed: int = 0) -> list[np.ndarray]:
    """Deal clips into strings so that each holds every digit once, in a seeded order.

    Parameters
    ----------
    label : np.ndarray, shape (clips,), integers
        The digit of each clip.
    per_string : int
        Clips of one string. What does not fill a string of its own makes others one clip longer.
    seed : int
        The same labels and seed give the same strings.

    Returns
    -------
    list of np.ndarray, shape (about per_string,), int64
        Indices of clips; each clip occurs once. With equally many clips of ten digits, every string of ten
        holds each digit exactly once; otherwise as nearly as the counts allow.
    """
    label = np.asarray(label)
    if label.ndim != 1 or not len(label):
        raise ValueError(f"expected labels of shape (clips,); received shape {label.shape}")
    if per_string < 1:
        raise ValueError(f"per_string must be at least 1; received {per_string}")
    rng = np.random.default_rng(seed)
    shuffled = rng.permutation(len(label))
    # A clip's round is how many of its digit came before it: a round holds each digit at most once.
    order = np.argsort(label[shuffled], kind="stable")
    ranks = np.empty(len(label), np.int64)
    _, starts, counts = np.unique(label[shuffled][order], return_index=True, return_counts=True)
    ranks[order] = np.arange(len(label)) - np.repeat(starts, counts)
    by_round = shuffled[np.lexsort((rng.random(len(label)), ranks))]
    return np.array_split(by_round, max(1, len(label) // per_string))


def concatenate(
    y,
    length,
    *,
    order: Sequence[np.ndarray] | None = None,
    per_string: int = 10,
    gap_seconds: float = 0.05,
    sr: int = 8000,
) -> list[np.ndarray]:
    """Join clips into strings: only the sound of each, without its padding, and a short silence between.

    Parameters
    ----------
    y : np.ndarray, shape (clips, n_samples)
        Equally long clips.
    length : np.ndarray, shape (clips,)
        Where the sound of each clip ends.
    order : sequence of index arrays, optional
        Which clips make each string (see :func:`arrange`); in the given order, ``per_string`` at a time,
        when None.
    gap_seconds : float
        Silence after each clip.

    Returns
    -------
    list of np.ndarray, shape (samples,), float32
        Called with a reference's and an estimate's clips, it gives pairs of equal length.
    """
    y, length = np.asarray(y), np.asarray(length)
    if y.ndim != 2 or not len(y):
        raise ValueError(f"expected clips of shape (clips, n_samples); received {y.shape}")
    if length.shape != (len(y),) or (length < 1).any() or (length > y.shape[1]).any():
        raise ValueError(f"expected {len(y)} lengths from 1 to {y.shape[1]}; received {length}")
    if order is None:
        order = np.array_split(np.arange(len(y)), max(1, len(y) // per_string))
    return [
        join([y[clip, : length[clip]] for clip in members], gap_seconds=gap_seconds, sr=sr)
        for members in order
    ]
