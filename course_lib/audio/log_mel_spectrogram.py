"""The course's default representation."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from course_lib.audio.magnitude_representation import MagnitudeRepresentation
from course_lib.audio.mel import mel_filters, mel_to_stft
from course_lib.audio.product import multiply
from course_lib.audio.stft import stft, window_gain


class LogMelSpectrogram(MagnitudeRepresentation):
    """Log-magnitude mel bands over time, standardised; decoded by Griffin-Lim.

    Parameters
    ----------
    sr : int
        Sampling rate in Hz.
    n_samples : int
        Samples of one clip; a multiple of ``hop_length``.
    n_fft, hop_length : int
        Window and step of the STFT in samples; ``hop_length`` divides ``n_fft``.
    n_mels : int
        Bands.
    floor_db : float
        Magnitudes below this many dB re full scale are raised to it: silence becomes one value instead
        of an endless depth that a loss would spend itself on.
    mean, scale : list of float and float, optional
        The fitted scaling (see :meth:`fit`). Without it features are in nepers (natural log of magnitude).

    Raises
    ------
    ValueError
        A size that does not divide, or scaling for another number of bands.
    """

    arguments: ClassVar[tuple[str, ...]] = ("sr", "n_samples", "n_fft", "hop_length", "n_mels", "floor_db")

    def __init__(
        self,
        *,
        sr: int = 8000,
        n_samples: int = 8192,
        n_fft: int = 256,
        hop_length: int = 64,
        n_mels: int = 64,
        floor_db: float = -80.0,
        mean: list[float] | None = None,
        scale: float | None = None,
    ):
        if not 1 <= n_mels <= n_fft // 2:
            raise ValueError(f"n_mels must lie between 1 and n_fft / 2 = {n_fft // 2}; received {n_mels}")
        super().__init__(
            sr=sr,
            n_samples=n_samples,
            n_fft=n_fft,
            hop_length=hop_length,
            floor_db=floor_db,
            scaled_bands=n_mels,
            mean=mean,
            scale=scale,
        )
        self.n_mels = n_mels

    @property
    def shape(self) -> tuple[int, int]:
        """(frames, bands) of one clip."""
        return self.n_samples // self.hop_length, self.n_mels

    @property
    def ceiling(self) -> dict[str, float]:
        """STOI and PESQ-NB of the round trip at the default sizes, digits of a held-out FSDD speaker."""
        return {"stoi": 0.99, "pesq_nb": 4.2}

    def _analyse(self, y: np.ndarray) -> np.ndarray:
        magnitude = np.abs(stft(y, n_fft=self.n_fft, hop_length=self.hop_length))
        filters = mel_filters(sr=self.sr, n_fft=self.n_fft, n_mels=self.n_mels)
        return self._floored_log(multiply(magnitude, filters / np.float32(window_gain(self.n_fft))))

    def _log_magnitude(self, features: np.ndarray) -> np.ndarray:
        return features

    def _stft_magnitude(self, magnitude: np.ndarray) -> np.ndarray:
        return mel_to_stft(magnitude, sr=self.sr, n_fft=self.n_fft)
