"""Scaling statistics that travel with a representation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class BandScaling:
    """Per-band standardisation fitted on the training split: zero mean, one common unit of spread.

    ``mean`` has one value a band; ``scale`` is a single number, so that a loud band stays louder than a
    quiet one and an error means the same in each.
    """

    mean: tuple[float, ...]
    scale: float

    @classmethod
    def fit(cls, features: np.ndarray) -> BandScaling:
        """Fit on unscaled features, shape (clips, frames, bands)."""
        if features.ndim != 3 or 0 in features.shape:
            raise ValueError(f"expected features of shape (clips, frames, bands); received {features.shape}")
        mean = features.mean(axis=(0, 1), dtype=np.float64)
        scale = float(np.sqrt(np.mean((features - mean.astype(np.float32)) ** 2, dtype=np.float64)))
        if not scale > 0:
            raise ValueError(
                "all features are equal: there is nothing to scale; check that the clips have sound"
            )
        return cls(mean=tuple(float(value) for value in mean), scale=scale)

    def apply(self, features: np.ndarray) -> np.ndarray:
        """Scale, shape (..., bands) -> the same, float32."""
        return (features - np.asarray(self.mean, np.float32)) / np.float32(self.scale)

    def invert(self, scaled: np.ndarray) -> np.ndarray:
        """Undo :meth:`apply`."""
        return scaled * np.float32(self.scale) + np.asarray(self.mean, np.float32)
