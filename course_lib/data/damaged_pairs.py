"""Strings of words that were damaged as sound, and the same strings whole."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from course_lib.audio.degrade import degrade
from course_lib.audio.level import SILENT_PEAK
from course_lib.audio.stacked import level, stack
from course_lib.audio.stft import stft
from course_lib.data.string_pairs import StringPairs
from course_lib.data.voice_bank import VoiceBank


@dataclass(frozen=True)
class Damage:
    """A kind of damage that a model can be trained to repair.

    Attributes
    ----------
    title : str
        For people.
    kinds : tuple of str
        Keys of ``course_lib.audio.degrade.DEGRADATIONS``; each example gets one of them.
    bounds : (float, float)
        Severities are uniform between these, in the unit of the degradation.
    tested : float
        The severity that tables are made at.
    """

    title: str
    kinds: tuple[str, ...]
    bounds: tuple[float, float]
    tested: float


DAMAGES = {
    "noise": Damage("noise at 5 dB", ("gaussian", "pink"), (0.0, 15.0), 5.0),
    "clipping": Damage("40 % of the samples clipped", ("clipping",), (10.0, 70.0), 40.0),
    "bandwidth": Damage("nothing above 1.5 kHz", ("band_limit",), (1000.0, 2200.0), 1500.0),
}


class DamagedPairs(StringPairs):
    """(damaged, whole) spectra, other ones for every state of ``rng``.

    Parameters
    ----------
    bank : VoiceBank
        Of the training clips.
    kind : str
        A key of :data:`DAMAGES`.
    n_samples : int
        Length of an example.
    n_fft, hop_length : int
        As of :func:`course_lib.audio.stft.stft`.

    Raises
    ------
    ValueError
        An unknown kind, a hop that does not divide the length.
    """

    def __init__(
        self,
        bank: VoiceBank,
        *,
        kind: str = "noise",
        n_samples: int = 8192,
        n_fft: int = 256,
        hop_length: int = 64,
    ):
        if kind not in DAMAGES:
            raise ValueError(f"kind must be one of {', '.join(DAMAGES)}; received {kind!r}")
        super().__init__(bank, n_samples=n_samples, n_fft=n_fft, hop_length=hop_length)
        self.kind = kind

    def batch(self, rows: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """The examples that begin with the clips ``rows``, each in [0, len(self)).

        Returns
        -------
        damaged, whole : np.ndarray, shape (rows, frames, 2 * bins), float32
            Stacked spectra, divided by the level of the damaged one.
        """
        rows = np.asarray(rows, np.int64)
        whole = self._strings(rows, rng)
        damaged = np.stack([self._damaged(y, rng) for y in whole])
        spectra = [stft(y, n_fft=self.n_fft, hop_length=self.hop_length) for y in (damaged, whole)]
        scale = level(spectra[0])
        return stack(spectra[0] / scale), stack(spectra[1] / scale)

    def _damaged(self, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        damage = DAMAGES[self.kind]
        kind = damage.kinds[int(rng.integers(len(damage.kinds)))]
        severity = float(rng.uniform(*damage.bounds))
        if np.abs(y).max() < SILENT_PEAK:
            return y
        return degrade(y, kind=kind, severity=severity, rng=rng, sr=self.bank.sr)
