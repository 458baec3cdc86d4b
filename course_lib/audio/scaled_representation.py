"""What every representation shares: sizes, batches, checks, and the scaling that travels with it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar, Self

import numpy as np

from course_lib.audio.scaling import BandScaling

# Clips transformed at a time: their spectra stay in the processor's cache. Measured, a decode of 500 clips
# takes twice as long in one piece, and an encode takes 7 times as long at 256.
BATCH = 16
# An encode is best between 4 and 16; at 8 it loses least when other programs fill the cache too.
ENCODE_BATCH = 8


class ScaledRepresentation(ABC):
    """Base of the representations: a subclass says how one batch is analysed and synthesised, unscaled.

    Parameters
    ----------
    sr : int
        Sampling rate in Hz.
    n_samples : int
        Samples of one clip; a multiple of ``hop_length``.
    hop_length : int
        Samples from one frame to the next.
    scaled_bands : int
        How many bands, from the first, the scaling standardises; the rest stay in their own unit.
    mean, scale : list of float and float, optional
        The fitted scaling (see :meth:`fit`).

    Raises
    ------
    ValueError
        A size that does not divide, or scaling for another number of bands.
    """

    #: Names of the constructor's arguments, scaling aside; each is an attribute too.
    arguments: ClassVar[tuple[str, ...]]

    def __init__(
        self,
        *,
        sr: int,
        n_samples: int,
        hop_length: int,
        scaled_bands: int,
        mean: list[float] | None,
        scale: float | None,
    ):
        if hop_length < 1 or n_samples % hop_length:
            raise ValueError(f"hop_length must divide n_samples = {n_samples}; received {hop_length}")
        if (mean is None) != (scale is None) or (mean is not None and len(mean) != scaled_bands):
            raise ValueError(
                f"scaling needs a mean for each of {scaled_bands} bands and one scale, or neither"
            )
        self.sr = sr
        self.n_samples = n_samples
        self.hop_length = hop_length
        self.scaling = None if mean is None else BandScaling(tuple(mean), float(scale))
        self._scaled_bands = scaled_bands

    @property
    @abstractmethod
    def shape(self) -> tuple[int, int]:
        """(frames, bands) of one clip."""

    @property
    @abstractmethod
    def ceiling(self) -> dict[str, float]:
        """STOI and PESQ-NB of the round trip at the default sizes, digits of a held-out FSDD speaker."""

    @abstractmethod
    def _analyse(self, y: np.ndarray) -> np.ndarray:
        """Clips, shape (clips, n_samples), float32 -> unscaled features, shape (clips, frames, bands)."""

    @property
    def config(self) -> dict[str, Any]:
        """JSON-ready arguments, with the class name under ``kind``."""
        config: dict[str, Any] = {
            "kind": type(self).__name__,
            **{name: getattr(self, name) for name in self.arguments},
        }
        if self.scaling is not None:
            config |= {"mean": list(self.scaling.mean), "scale": self.scaling.scale}
        return config

    def fit(self, y: np.ndarray) -> Self:
        """Return a copy with scaling fitted on training clips ``y``, shape (clips, n_samples)."""
        arguments = {name: getattr(self, name) for name in self.arguments}
        scaling = BandScaling.fit(type(self)(**arguments).encode(y)[..., : self._scaled_bands])
        return type(self)(**arguments, mean=list(scaling.mean), scale=scaling.scale)

    def encode(self, y: np.ndarray, *, batch: int = ENCODE_BATCH) -> np.ndarray:
        """Clips, shape (..., n_samples), in [-1, 1] -> features, shape (..., frames, bands), float32."""
        y = np.asarray(y, dtype=np.float32)
        if y.ndim == 0 or y.shape[-1] != self.n_samples:
            received = y.shape[-1] if y.ndim else "a single number"
            raise ValueError(f"expected clips of {self.n_samples} samples; received {received}")
        if not np.isfinite(y).all():
            raise ValueError("clips hold NaN or infinite samples; check the files they came from")
        flat = y.reshape(-1, self.n_samples)
        features = np.empty((len(flat), *self.shape), dtype=np.float32)
        for start in range(0, len(flat), batch):
            features[start : start + batch] = self._analyse(flat[start : start + batch])
        if self.scaling is not None:
            scaled = features[..., : self._scaled_bands]
            scaled -= np.asarray(self.scaling.mean, np.float32)
            scaled /= np.float32(self.scaling.scale)
        return features.reshape(*y.shape[:-1], *self.shape)

    def _unscaled(self, features: np.ndarray) -> np.ndarray:
        """Features of the right shape, float32, with the scaling undone."""
        features = np.asarray(features, np.float32)
        if features.shape[-2:] != self.shape:
            raise ValueError(f"expected features of shape (..., {self.shape}); received {features.shape}")
        if self.scaling is None:
            return features
        if self._scaled_bands == self.shape[1]:
            return self.scaling.invert(features)
        scaled, rest = np.split(features, [self._scaled_bands], axis=-1)
        return np.concatenate([self.scaling.invert(scaled), rest], axis=-1)

    def _in_batches(self, features: np.ndarray, synthesise, batch: int) -> np.ndarray:
        """Clips, shape (..., n_samples), that ``synthesise`` makes of ``batch`` clips' features at a time."""
        features = np.asarray(features, np.float32)
        if features.shape[-2:] != self.shape:
            raise ValueError(f"expected features of shape (..., {self.shape}); received {features.shape}")
        flat = features.reshape(-1, *self.shape)
        y = np.empty((len(flat), self.n_samples), dtype=np.float32)
        for start in range(0, len(flat), batch):
            y[start : start + batch] = synthesise(flat[start : start + batch])
        return y.reshape(*features.shape[:-2], self.n_samples)
