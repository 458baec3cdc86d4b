"""Strings of words with gaps, and the same strings whole: what a model that fills gaps trains on."""

from __future__ import annotations

import numpy as np

from course_lib.audio.degrade.missing import dropped_frames
from course_lib.audio.restore.gap_frames import GapFrames, log_magnitude
from course_lib.audio.stft import stft
from course_lib.data.string_pairs import StringPairs
from course_lib.data.voice_bank import VoiceBank


class GapPairs(StringPairs):
    """(frames with gaps, whole frames), other ones for every state of ``rng``.

    Parameters
    ----------
    bank : VoiceBank
        Of the training clips.
    n_samples : int
        Length of an example.
    n_fft, hop_length : int
        As of :func:`course_lib.audio.stft.stft`.
    percent : (float, float)
        Share of the sound that is missing: uniform between these.
    gap_seconds : (float, float)
        The length of all gaps of an example: uniform in its logarithm. Some touch, and make longer ones.

    Raises
    ------
    ValueError
        Bounds out of range or the wrong way round, a hop that does not divide the length.
    """

    def __init__(
        self,
        bank: VoiceBank,
        *,
        n_samples: int = 8192,
        n_fft: int = 256,
        hop_length: int = 64,
        percent: tuple[float, float] = (5.0, 40.0),
        gap_seconds: tuple[float, float] = (0.02, 0.1),
    ):
        super().__init__(bank, n_samples=n_samples, n_fft=n_fft, hop_length=hop_length)
        if not 0 < percent[0] <= percent[1] < 100:
            raise ValueError(f"percent must lie between 0 and 100, lower bound first; received {percent}")
        if not 0.001 <= gap_seconds[0] <= gap_seconds[1] <= n_samples / bank.sr / 2:
            raise ValueError(
                f"gap_seconds must lie between 0.001 and {n_samples / bank.sr / 2:g}, lower bound first; "
                f"received {gap_seconds}"
            )
        self.percent = percent
        self.gap_seconds = gap_seconds

    def batch(self, rows: np.ndarray, rng: np.random.Generator) -> tuple[dict[str, np.ndarray], np.ndarray]:
        """The examples that begin with the clips ``rows``, each in [0, len(self)).

        Returns
        -------
        inputs : dict of np.ndarray, float32
            ``interpolated`` and ``damaged``, shape (rows, frames, bins), and ``lost``, shape
            (rows, frames, 1): those of :class:`course_lib.audio.restore.gap_frames.GapFrames`.
        whole : np.ndarray, shape (rows, frames, bins), float32
            Logarithm of the undamaged magnitudes, re the same level.
        """
        rows = np.asarray(rows, np.int64)
        whole = self._strings(rows, rng)
        missing = np.stack([self._gaps(y, rng) for y in whole])
        sizes = {"n_fft": self.n_fft, "hop_length": self.hop_length}
        frames = GapFrames.of(whole, missing, **sizes)
        target = log_magnitude(np.abs(stft(whole, **sizes)), frames.level)
        inputs = {
            "interpolated": frames.interpolated,
            "damaged": frames.damaged,
            "lost": frames.lost,
        }
        return inputs, target

    def _gaps(self, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Where samples are missing, at least one gap."""
        seconds = float(np.exp(rng.uniform(*np.log(self.gap_seconds))))
        percent = float(rng.uniform(*self.percent))
        one = 100 * seconds * self.bank.sr / len(y)
        _, missing = dropped_frames(
            y, percent=max(percent, one), rng=rng, sr=self.bank.sr, packet_seconds=seconds
        )
        return missing
