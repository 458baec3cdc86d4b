"""What a model sees instead of samples, and the way back to sound."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

import numpy as np


@runtime_checkable
class Representation(Protocol):
    """A transform with an inverse, its scaling, and an honest statement of what the pair loses."""

    sr: int
    n_samples: int

    @property
    def shape(self) -> tuple[int, int]:
        """(frames, bands) of one encoded clip."""

    @property
    def config(self) -> dict[str, Any]:
        """JSON-ready; :func:`from_config` rebuilds the same representation, scaling included."""

    @property
    def ceiling(self) -> dict[str, float]:
        """Scores that the round trip alone reaches: no model in this representation can sound better."""

    def fit(self, y: np.ndarray) -> Representation:
        """A copy whose scaling is fitted on training clips ``y``, shape (clips, n_samples)."""

    def magnitude(self, features: np.ndarray) -> np.ndarray:
        """Features -> magnitudes re full scale, shape (..., frames, bins), above 0: what a plot shows."""

    def encode(self, y: np.ndarray) -> np.ndarray:
        """Clips, shape (..., n_samples) -> features, shape (..., frames, bands), float32."""

    def decode(self, features: np.ndarray) -> np.ndarray:
        """Features, shape (..., frames, bands) -> clips, shape (..., n_samples), float32."""


def from_config(config: dict[str, Any]) -> Representation:
    """Rebuild a representation from the dictionary that its ``config`` gave."""
    from course_lib.audio.log_mel_spectrogram import LogMelSpectrogram
    from course_lib.audio.log_stft import LogSTFT
    from course_lib.audio.magnitude_phase import MagnitudePhase
    from course_lib.audio.mfcc import MFCC
    from course_lib.audio.mu_law import MuLaw

    known = (LogMelSpectrogram, LogSTFT, MFCC, MagnitudePhase, MuLaw)
    kinds = {kind.__name__: kind for kind in known}
    config = dict(config)
    kind = config.pop("kind", None)
    if kind not in kinds:
        raise ValueError(f"unknown representation {kind!r}; expected one of {', '.join(kinds)}")
    return kinds[kind](**config)
