"""Arrays of any number of clips through a network, a batch at a time."""

from __future__ import annotations

import keras
import numpy as np


def batched(
    network,
    x: np.ndarray,
    shape: tuple[int, ...],
    what: str,
    batch_size: int = 64,
    *,
    beside: np.ndarray | None = None,
) -> np.ndarray:
    """``network(x)`` without training behaviour, as one float32 array.

    Parameters
    ----------
    network : keras.Model
        One tensor in, or two; one out.
    x : np.ndarray, shape (clips, *shape)
        May hold no clip.
    what : str
        What was expected, for the message of a ValueError.
    beside : np.ndarray, shape (clips, ...), optional
        The second input.
    """
    x = np.asarray(x, dtype=np.float32)
    if x.shape[1:] != shape or x.ndim != len(shape) + 1:
        raise ValueError(f"expected {what} with {shape} a clip; received {x.shape}")
    if not len(x):
        return np.empty((0, *network.output_shape[1:]), dtype=np.float32)
    parts = []
    for start in range(0, len(x), batch_size):
        rows = slice(start, start + batch_size)
        part = network(x[rows] if beside is None else [x[rows], beside[rows]], training=False)
        # Half precision where the network computes in it.
        parts.append(np.asarray(keras.ops.convert_to_numpy(part), np.float32))
    return np.concatenate(parts)
