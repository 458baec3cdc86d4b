"""Another microphone, another room: smooth random gains over frequency."""

from __future__ import annotations

import numpy as np


def random_gains(count: int, bins: int, *, spread_db: float, rng: np.random.Generator) -> np.ndarray:
    """Gains to multiply spectra with, shape (count, 1, bins), float32.

    Four cosines over the frequency axis, their weights normal: the slowest with a standard deviation of
    ``spread_db``, each faster one with less.
    """
    order = np.arange(1, 5)
    weights = rng.standard_normal((count, 4)) * spread_db / (1 + 0.5 * (order - 1))
    curves = np.cos(np.pi * order[:, None] * np.arange(bins) / bins)
    return (10 ** (weights @ curves / 20)).astype(np.float32)[:, None]
