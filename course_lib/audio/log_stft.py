"""Every bin of the short-time spectrum, without its phase."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from course_lib.audio.magnitude_representation import MagnitudeRepresentation


class LogSTFT(MagnitudeRepresentation):
    """Log-magnitude STFT, standardised; decoded by Griffin-Lim.

    Keeps all that the ear hears in a magnitude and costs twice the bands of 64 mel ones. Masks for denoising
    and separation live here.

    Parameters
    ----------
    sr : int
        Sampling rate in Hz.
    n_samples : int
        Samples of one clip; a multiple of ``hop_length``.
    n_fft, hop_length : int
        Window and step of the STFT in samples; ``hop_length`` divides ``n_fft``. Bands: ``1 + n_fft // 2``.
    floor_db : float
        Magnitudes below this many dB re full scale are raised to it.
    mean, scale : list of float and float, optional
        The fitted scaling. Without it features are in nepers (natural log of magnitude).

    Raises
    ------
    ValueError
        A size that does not divide, or scaling for another number of bands.
    """

    arguments: ClassVar[tuple[str, ...]] = ("sr", "n_samples", "n_fft", "hop_length", "floor_db")

    def __init__(
        self,
        *,
        sr: int = 8000,
        n_samples: int = 8192,
        n_fft: int = 256,
        hop_length: int = 64,
        floor_db: float = -80.0,
        mean: list[float] | None = None,
        scale: float | None = None,
    ):
        super().__init__(
            sr=sr,
            n_samples=n_samples,
            n_fft=n_fft,
            hop_length=hop_length,
            floor_db=floor_db,
            scaled_bands=1 + n_fft // 2,
            mean=mean,
            scale=scale,
        )

    @property
    def shape(self) -> tuple[int, int]:
        """(frames, bins) of one clip."""
        return self.n_samples // self.hop_length, 1 + self.n_fft // 2

    @property
    def ceiling(self) -> dict[str, float]:
        """STOI and PESQ-NB of the round trip at the default sizes, digits of a held-out FSDD speaker."""
        return {"stoi": 0.997, "pesq_nb": 4.3}

    def _analyse(self, y: np.ndarray) -> np.ndarray:
        return self._floored_log(self._stft(y))

    def _log_magnitude(self, features: np.ndarray) -> np.ndarray:
        return features

    def _stft_magnitude(self, magnitude: np.ndarray) -> np.ndarray:
        return magnitude
