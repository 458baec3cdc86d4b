"""The waveform itself, in steps that are fine where sound is quiet."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from course_lib.audio.scaled_representation import BATCH, ScaledRepresentation
from course_lib.audio.stft import stft, window_gain

FLOOR_DB = -80.0


class MuLaw(ScaledRepresentation):
    """Samples, companded by the mu-law and rounded to a few bits, cut into frames that do not overlap.

    ITU-T G.711 (1972) sends telephone speech so; WaveNet (A. van den Oord et al., 2016) predicts it. It keeps
    the phase, so a model has to get every sample right: nothing here is invariant to a small delay.

    Parameters
    ----------
    sr : int
        Sampling rate in Hz.
    n_samples : int
        Samples of one clip; a multiple of ``hop_length``.
    hop_length : int
        Samples of one frame, which are its bands.
    bits : int
        2 to 16. ``mu`` is ``2**bits - 1``; the steps are symmetric, so that silence stays silent.
    mean, scale : list of float and float, optional
        The fitted scaling. Without it features lie in [-1, 1].

    Raises
    ------
    ValueError
        A size that does not divide, bits out of range, or scaling for another number of bands.
    """

    arguments: ClassVar[tuple[str, ...]] = ("sr", "n_samples", "hop_length", "bits")

    def __init__(
        self,
        *,
        sr: int = 8000,
        n_samples: int = 8192,
        hop_length: int = 64,
        bits: int = 8,
        mean: list[float] | None = None,
        scale: float | None = None,
    ):
        if not 2 <= bits <= 16:
            raise ValueError(f"bits must lie between 2 and 16; received {bits}")
        super().__init__(
            sr=sr, n_samples=n_samples, hop_length=hop_length, scaled_bands=hop_length, mean=mean, scale=scale
        )
        self.bits = bits

    @property
    def shape(self) -> tuple[int, int]:
        """(frames, samples of a frame) of one clip."""
        return self.n_samples // self.hop_length, self.hop_length

    @property
    def ceiling(self) -> dict[str, float]:
        """STOI and PESQ-NB of the round trip at the default sizes, digits of a held-out FSDD speaker."""
        return {"stoi": 0.999, "pesq_nb": 4.5}

    def _analyse(self, y: np.ndarray) -> np.ndarray:
        mu, steps = np.float32(2**self.bits - 1), np.float32(2 ** (self.bits - 1) - 1)
        y = np.clip(y, -1, 1)
        companded = np.copysign(np.log1p(mu * np.abs(y)) / np.log1p(mu), y)
        return (np.round(companded * steps) / steps).reshape(-1, *self.shape)

    def decode(self, features: np.ndarray, *, batch: int = BATCH) -> np.ndarray:
        """Features, shape (..., frames, bands) -> clips, shape (..., n_samples), float32.

        Values between two steps, as a network gives them, are not rounded.
        """
        return self._in_batches(features, self._synthesise, batch)

    def _synthesise(self, features: np.ndarray) -> np.ndarray:
        companded = np.clip(self._unscaled(features), -1, 1)
        mu = np.float32(2**self.bits - 1)
        y = np.copysign(np.expm1(np.abs(companded) * np.log1p(mu)) / mu, companded)
        return y.reshape(-1, self.n_samples)

    def magnitude(self, features: np.ndarray) -> np.ndarray:
        """Features -> STFT magnitudes of the sound re full scale, at least -80 dB: what a plot shows in dB.

        Shape (..., frames, 1 + 2 * hop_length).
        """
        n_fft = 4 * self.hop_length
        spectrum = stft(self.decode(features), n_fft=n_fft, hop_length=self.hop_length)
        return np.maximum(np.abs(spectrum) / window_gain(n_fft), np.float32(10 ** (FLOOR_DB / 20)))
