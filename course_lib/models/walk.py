"""Ways from one latent to another."""

from __future__ import annotations

import numpy as np


def line(start: np.ndarray, end: np.ndarray, steps: int) -> np.ndarray:
    """Evenly along the straight line, each (latent_dim,) -> (steps, latent_dim), float32."""
    part = np.linspace(0, 1, steps)[:, None]
    return ((1 - part) * start + part * end).astype(np.float32)


def sphere(start: np.ndarray, end: np.ndarray, steps: int) -> np.ndarray:
    """Evenly in the angle around 0, the length changing in proportion; a line where there is no angle.

    K. Shoemake, "Animating rotation with quaternion curves", SIGGRAPH 1985. (latent_dim,) twice ->
    (steps, latent_dim), float32.
    """
    start, end = np.asarray(start, np.float64), np.asarray(end, np.float64)
    lengths = np.linalg.norm(start), np.linalg.norm(end)
    if min(lengths) == 0:
        return line(start, end, steps)
    cosine = float(np.clip(start @ end / (lengths[0] * lengths[1]), -1, 1))
    angle, part = np.arccos(cosine), np.linspace(0, 1, steps)[:, None]
    if np.sin(angle) < 1e-6:
        return line(start, end, steps)
    direction = np.sin((1 - part) * angle) * start / lengths[0] + np.sin(part * angle) * end / lengths[1]
    return (direction / np.sin(angle) * ((1 - part) * lengths[0] + part * lengths[1])).astype(np.float32)
