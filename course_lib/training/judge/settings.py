"""How a judge is trained, and how its examples are varied."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from course_lib.data.augment import vary_voice


@dataclass(frozen=True)
class JudgeSettings:
    """Sizes and amounts; the defaults are those of the shipped judge.

    Attributes
    ----------
    width, depth, dropout
        As of :func:`course_lib.models.judge_network.judge_network`.
    epochs, batch_size, learning_rate, weight_decay
        Of AdamW with a cosine decay.
    smoothing : float
        Part of each target spread over all classes.
    tract, pitch, rate : float
        As of :func:`course_lib.data.augment.vary_voice`.
    keep : float
        Part of the clips that stay as they are.
    mixture : float
        Parameter of the beta distribution from which the share of a second clip is drawn (H. Zhang et al.,
        "mixup", ICLR 2018); 0 mixes nothing.
    """

    width: int = 96
    depth: int = 3
    dropout: float = 0.3
    epochs: int = 14
    batch_size: int = 64
    learning_rate: float = 2e-3
    weight_decay: float = 0.01
    smoothing: float = 0.1
    tract: float = 0.15
    pitch: float = 0.35
    rate: float = 0.1
    keep: float = 0.1
    mixture: float = 0.0

    @property
    def network(self) -> dict[str, Any]:
        """Arguments of the network."""
        return {"width": self.width, "depth": self.depth, "dropout": self.dropout}

    @property
    def config(self) -> dict[str, Any]:
        """JSON-ready."""
        return asdict(self)

    def vary(
        self, features: np.ndarray, targets: np.ndarray, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        """Features (clips, frames, bands) and targets (clips, classes) -> variations of them."""
        x = vary_voice(features, rng, tract=self.tract, pitch=self.pitch, rate=self.rate, keep=self.keep)
        if self.mixture:
            share = rng.beta(self.mixture, self.mixture, len(x)).astype(np.float32)
            share, other = np.maximum(share, 1 - share), rng.permutation(len(x))
            x = share[:, None, None] * x + (1 - share)[:, None, None] * x[other]
            targets = share[:, None] * targets + (1 - share)[:, None] * targets[other]
        return x, targets
