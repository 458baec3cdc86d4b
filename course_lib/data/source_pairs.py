"""Two sounds at once, each asked for in turn: what every separation trains on."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np

from course_lib.audio.stacked import level, stack
from course_lib.audio.stft import stft
from course_lib.data.spectral_pairs import SpectralPairs
from course_lib.data.spectral_tilt import random_gains

TILT_DB = 3.0


class SourcePairs(SpectralPairs, ABC):
    """Mixtures of two sounds, other ones for every state of ``rng``; subclasses draw the sounds.

    Parameters
    ----------
    classes : int
        What can be asked for.
    n_samples : int
        Length of a mixture.
    n_fft, hop_length : int
        As of :func:`course_lib.audio.stft.stft`. Longer windows resolve the harmonics of two voices.
    snr_db : (float, float)
        Ratios of the two energies are uniform between these.

    Raises
    ------
    ValueError
        A hop that does not divide the length.
    """

    def __init__(
        self,
        *,
        classes: int,
        n_samples: int = 8192,
        n_fft: int = 512,
        hop_length: int = 128,
        snr_db: tuple[float, float] = (-5.0, 5.0),
    ):
        super().__init__(n_samples=n_samples, n_fft=n_fft, hop_length=hop_length)
        self.classes = classes
        self.snr_db = snr_db

    @abstractmethod
    def __len__(self) -> int:
        """How many clips there are to begin a pair with."""

    @abstractmethod
    def _draw(self, rows: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Sounds, shape (2 * rows, n_samples), and what asks for each, shape (2 * rows,), integers.

        First one for each of the clips ``rows``, then, in the same order, what is mixed with them.
        """

    def batch(self, rows: np.ndarray, rng: np.random.Generator) -> tuple[dict[str, np.ndarray], np.ndarray]:
        """Two examples for each of the clips ``rows``: its mixture with another sound, asked for either.

        Returns
        -------
        inputs : dict
            ``spectrum``, shape (2 * rows, frames, 2 * bins), float32: stacked, at a level of 1;
            ``condition``, shape (2 * rows, classes), float32: what is asked for, one-hot.
        target : np.ndarray, shape (2 * rows, frames, 2 * bins), float32
        """
        rows = np.asarray(rows, np.int64)
        sounds, asked = self._draw(rows, rng)
        sources = stft(sounds, n_fft=self.n_fft, hop_length=self.hop_length)
        sources *= random_gains(len(sounds), sources.shape[-1], spread_db=TILT_DB, rng=rng)
        wanted, other = sources[: len(rows)], sources[len(rows) :]
        snr_db = rng.uniform(*self.snr_db, size=(len(rows), 1, 1))
        other *= (level(wanted) / level(other) * 10 ** (-snr_db / 20)).astype(np.float32)
        mixture = wanted + other
        scale = level(mixture)
        spectrum = np.concatenate([stack(mixture / scale)] * 2)
        condition = np.eye(self.classes, dtype=np.float32)[asked]
        return {"spectrum": spectrum, "condition": condition}, stack(sources / np.concatenate([scale] * 2))
