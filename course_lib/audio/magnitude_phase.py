"""The whole short-time spectrum: nothing is lost, and the phase can be learned."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from course_lib.audio.scaled_representation import BATCH, ScaledRepresentation
from course_lib.audio.stft import istft, stft, window_gain

# What a plot shows of silence.
FLOOR_DB = -80.0


class MagnitudePhase(ScaledRepresentation):
    """Compressed magnitudes beside the instantaneous frequency of each bin; inverts exactly.

    The first half of the bands are magnitudes raised to ``exponent``, which, unlike a logarithm with a floor,
    can be undone at zero too. The other half is the phase in half turns, in [-1, 1]: by default as
    instantaneous frequency, how much more than its centre's turn a bin's phase advances from one frame to
    the next. A steady tone has a constant there, where its phase runs round and round.
    J. Engel et al., "GANSynth: adversarial neural audio synthesis", ICLR 2019.

    Parameters
    ----------
    sr : int
        Sampling rate in Hz.
    n_samples : int
        Samples of one clip; a multiple of ``hop_length``.
    n_fft, hop_length : int
        Window and step of the STFT in samples; ``hop_length`` divides ``n_fft``.
    exponent : float
        In (0, 1]; 0.3 is near loudness.
    phase : str
        ``"frequency"`` (instantaneous frequency) or ``"phase"`` (the phase itself).
    mean, scale : list of float and float, optional
        The fitted scaling of the magnitudes; phases stay in half turns.

    Raises
    ------
    ValueError
        A size that does not divide, another phase, or scaling for another number of bins.
    """

    arguments: ClassVar[tuple[str, ...]] = ("sr", "n_samples", "n_fft", "hop_length", "exponent", "phase")

    def __init__(
        self,
        *,
        sr: int = 8000,
        n_samples: int = 8192,
        n_fft: int = 256,
        hop_length: int = 64,
        exponent: float = 0.3,
        phase: str = "frequency",
        mean: list[float] | None = None,
        scale: float | None = None,
    ):
        if hop_length < 1 or n_fft % hop_length:
            raise ValueError(f"hop_length must divide n_fft = {n_fft}; received {hop_length}")
        if not 0 < exponent <= 1:
            raise ValueError(f"exponent must lie in (0, 1]; received {exponent}")
        if phase not in ("frequency", "phase"):
            raise ValueError(f"phase must be 'frequency' or 'phase'; received {phase!r}")
        super().__init__(
            sr=sr,
            n_samples=n_samples,
            hop_length=hop_length,
            scaled_bands=1 + n_fft // 2,
            mean=mean,
            scale=scale,
        )
        self.n_fft = n_fft
        self.exponent = exponent
        self.phase = phase

    @property
    def shape(self) -> tuple[int, int]:
        """(frames, bands) of one clip; ``bands`` is twice the number of bins."""
        return self.n_samples // self.hop_length, 2 * (1 + self.n_fft // 2)

    @property
    def ceiling(self) -> dict[str, float]:
        """STOI and PESQ-NB of the round trip: those of two equal sounds."""
        return {"stoi": 1.0, "pesq_nb": 4.55}

    def _centre_turns(self) -> np.ndarray:
        """Half turns that each bin's centre frequency has made until each frame, shape (frames, bins).

        In integers, because sums of rounded turns would drift.
        """
        frames, bins = np.arange(self.shape[0])[:, None], np.arange(1 + self.n_fft // 2)
        return (2 * self.hop_length * frames * bins % (2 * self.n_fft)) / self.n_fft

    def _analyse(self, y: np.ndarray) -> np.ndarray:
        spectrum = stft(y, n_fft=self.n_fft, hop_length=self.hop_length)
        magnitude = (np.abs(spectrum) / np.float32(window_gain(self.n_fft))) ** np.float32(self.exponent)
        phase = np.angle(spectrum).astype(np.float64) / np.pi
        if self.phase == "frequency":
            phase = np.diff(phase - self._centre_turns(), axis=-2, prepend=0.0)
        return np.concatenate([magnitude, _wrap(phase).astype(np.float32)], axis=-1)

    def magnitude(self, features: np.ndarray) -> np.ndarray:
        """Features -> STFT magnitudes re full scale, at least -80 dB: what a spectrogram plot shows in dB."""
        return np.maximum(self._expanded(self._unscaled(features)), np.float32(10 ** (FLOOR_DB / 20)))

    def _expanded(self, features: np.ndarray) -> np.ndarray:
        """Unscaled features -> magnitudes re full scale, shape (..., frames, bins)."""
        compressed = features[..., : 1 + self.n_fft // 2]
        # A network's estimate may be negative or far above full scale: neither is a sound.
        return np.clip(compressed, 0, 2) ** np.float32(1 / self.exponent)

    def decode(self, features: np.ndarray, *, batch: int = BATCH) -> np.ndarray:
        """Features, shape (..., frames, bands) -> clips, shape (..., n_samples), float32."""
        return self._in_batches(features, self._synthesise, batch)

    def _synthesise(self, features: np.ndarray) -> np.ndarray:
        features = self._unscaled(features)
        phase = features[..., 1 + self.n_fft // 2 :]
        if self.phase == "frequency":
            phase = _wrap(np.cumsum(phase, axis=-2, dtype=np.float64) + self._centre_turns())
        spectrum = self._expanded(features) * np.exp(1j * np.pi * phase)
        spectrum *= window_gain(self.n_fft)
        return istft(spectrum.astype(np.complex64), n_fft=self.n_fft, hop_length=self.hop_length)


def _wrap(half_turns: np.ndarray) -> np.ndarray:
    """The same angle in [-1, 1)."""
    return (half_turns + 1) % 2 - 1
