"""What the representations that give the phase away share: a floor, and Griffin-Lim to find a phase again."""

from __future__ import annotations

from abc import abstractmethod

import numpy as np

from course_lib.audio.phase import griffin_lim
from course_lib.audio.scaled_representation import BATCH, ScaledRepresentation
from course_lib.audio.stft import stft, window_gain


class MagnitudeRepresentation(ScaledRepresentation):
    """Base of the log-magnitude representations; decoded by Griffin-Lim.

    Parameters
    ----------
    n_fft, hop_length : int
        Window and step of the STFT in samples; ``hop_length`` divides ``n_fft``.
    floor_db : float
        Magnitudes below this many dB re full scale are raised to it: silence becomes one value instead
        of an endless depth that a loss would spend itself on.

    The others are :class:`ScaledRepresentation`'s.
    """

    def __init__(
        self,
        *,
        sr: int,
        n_samples: int,
        n_fft: int,
        hop_length: int,
        floor_db: float,
        scaled_bands: int,
        mean: list[float] | None,
        scale: float | None,
    ):
        if hop_length < 1 or n_fft % hop_length:
            raise ValueError(f"hop_length must divide n_fft = {n_fft}; received {hop_length}")
        if not -160 <= floor_db < 0:
            raise ValueError(f"floor_db must lie in [-160, 0); received {floor_db}")
        super().__init__(
            sr=sr,
            n_samples=n_samples,
            hop_length=hop_length,
            scaled_bands=scaled_bands,
            mean=mean,
            scale=scale,
        )
        self.n_fft = n_fft
        self.floor_db = floor_db

    @abstractmethod
    def _log_magnitude(self, features: np.ndarray) -> np.ndarray:
        """Unscaled features -> natural log of the magnitudes that :meth:`magnitude` shows."""

    @abstractmethod
    def _stft_magnitude(self, magnitude: np.ndarray) -> np.ndarray:
        """What :meth:`magnitude` shows -> STFT magnitudes re full scale."""

    def _stft(self, y: np.ndarray) -> np.ndarray:
        """STFT magnitudes re a full-scale sine, shape (clips, frames, 1 + n_fft // 2)."""
        magnitude = np.abs(stft(y, n_fft=self.n_fft, hop_length=self.hop_length))
        magnitude /= np.float32(window_gain(self.n_fft))
        return magnitude

    def _floored_log(self, magnitude: np.ndarray) -> np.ndarray:
        return np.log(np.maximum(magnitude, np.float32(10 ** (self.floor_db / 20))))

    def magnitude(self, features: np.ndarray) -> np.ndarray:
        """Features -> magnitudes re full scale, never below the floor: what a plot shows in dB."""
        log_magnitude = self._log_magnitude(self._unscaled(features))
        floor = np.float32(self.floor_db / 20 * np.log(10))
        # A network's estimate may lie below the floor or far above full scale: neither is a sound.
        return np.exp(np.clip(log_magnitude, floor, np.float32(1.0)))

    def decode(
        self, features: np.ndarray, *, n_iter: int = 32, seed: int = 0, batch: int = BATCH
    ) -> np.ndarray:
        """Features, shape (..., frames, bands) -> clips, shape (..., n_samples), float32.

        A clip sounds the same alone, among others and whatever ``batch`` is.
        """

        def synthesise(some: np.ndarray) -> np.ndarray:
            magnitude = self.magnitude(some)
            magnitude[magnitude <= 10 ** (self.floor_db / 20) * 1.001] = 0
            magnitude = self._stft_magnitude(magnitude) * np.float32(window_gain(self.n_fft))
            return griffin_lim(
                magnitude, n_fft=self.n_fft, hop_length=self.hop_length, n_iter=n_iter, seed=seed
            )

        return self._in_batches(features, synthesise, batch)
