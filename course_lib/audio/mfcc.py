"""Mel-frequency cepstral coefficients, and the honest way back."""

from __future__ import annotations

from functools import lru_cache
from typing import ClassVar

import numpy as np
import scipy.fft

from course_lib.audio.magnitude_representation import MagnitudeRepresentation
from course_lib.audio.mel import mel_filters, mel_to_stft


@lru_cache(maxsize=16)
def _cosines(n_mels: int, n_mfcc: int) -> np.ndarray:
    """The first ``n_mfcc`` vectors of the orthonormal DCT-II of ``n_mels`` bands, shape (n_mels, n_mfcc)."""
    cosines = scipy.fft.dct(np.eye(n_mels), axis=1, norm="ortho")[:, :n_mfcc].astype(np.float32)
    cosines.flags.writeable = False
    return cosines


class MFCC(MagnitudeRepresentation):
    """The slowest cosines of the log-mel spectrum over its bands: its envelope, and little of the pitch.

    S. B. Davis, P. Mermelstein, "Comparison of parametric representations for monosyllabic word recognition",
    IEEE Trans. ASSP 28(4), 1980. Made for recognising words, not for sounding well: what the dropped cosines
    held, the harmonics above all, is gone, and the inverse does not invent it. It is the transposed DCT
    (dropped coefficients are zero), then the mel inverse, then Griffin-Lim.

    Parameters
    ----------
    sr : int
        Sampling rate in Hz.
    n_samples : int
        Samples of one clip; a multiple of ``hop_length``.
    n_fft, hop_length : int
        Window and step of the STFT in samples; ``hop_length`` divides ``n_fft``.
    n_mels : int
        Mel bands under the cosine transform.
    n_mfcc : int
        Coefficients kept, the first (the mean level) included. 13 and 20 are usual, 40 keep some harmonics.
    floor_db : float
        Mel magnitudes below this many dB re full scale are raised to it.
    mean, scale : list of float and float, optional
        The fitted scaling. One scale for all coefficients: an error means the same as in log-mel bands.

    Raises
    ------
    ValueError
        A size that does not divide, or scaling for another number of coefficients.
    """

    arguments: ClassVar[tuple[str, ...]] = (
        "sr",
        "n_samples",
        "n_fft",
        "hop_length",
        "n_mels",
        "n_mfcc",
        "floor_db",
    )

    def __init__(
        self,
        *,
        sr: int = 8000,
        n_samples: int = 8192,
        n_fft: int = 256,
        hop_length: int = 64,
        n_mels: int = 64,
        n_mfcc: int = 20,
        floor_db: float = -80.0,
        mean: list[float] | None = None,
        scale: float | None = None,
    ):
        if not 1 <= n_mels <= n_fft // 2:
            raise ValueError(f"n_mels must lie between 1 and n_fft / 2 = {n_fft // 2}; received {n_mels}")
        if not 1 <= n_mfcc <= n_mels:
            raise ValueError(f"n_mfcc must lie between 1 and n_mels = {n_mels}; received {n_mfcc}")
        super().__init__(
            sr=sr,
            n_samples=n_samples,
            n_fft=n_fft,
            hop_length=hop_length,
            floor_db=floor_db,
            scaled_bands=n_mfcc,
            mean=mean,
            scale=scale,
        )
        self.n_mels = n_mels
        self.n_mfcc = n_mfcc

    @property
    def shape(self) -> tuple[int, int]:
        """(frames, coefficients) of one clip."""
        return self.n_samples // self.hop_length, self.n_mfcc

    @property
    def ceiling(self) -> dict[str, float]:
        """STOI and PESQ-NB of the round trip at the default sizes, digits of a held-out FSDD speaker.

        Measured at 13, 20 and 40 coefficients; other numbers get the next smaller one's scores.
        """
        measured = {13: (0.88, 1.7), 20: (0.90, 1.85), 40: (0.98, 3.9)}
        below = [scores for count, scores in measured.items() if count <= self.n_mfcc]
        return dict(zip(("stoi", "pesq_nb"), below[-1], strict=True)) if below else {}

    def _analyse(self, y: np.ndarray) -> np.ndarray:
        mel = self._stft(y) @ mel_filters(sr=self.sr, n_fft=self.n_fft, n_mels=self.n_mels)
        return self._floored_log(mel) @ _cosines(self.n_mels, self.n_mfcc)

    def _log_magnitude(self, features: np.ndarray) -> np.ndarray:
        return features @ _cosines(self.n_mels, self.n_mfcc).T

    def _stft_magnitude(self, magnitude: np.ndarray) -> np.ndarray:
        return mel_to_stft(magnitude, sr=self.sr, n_fft=self.n_fft)
