"""Two voices at once, each asked for in turn: what a separation trains on."""

from __future__ import annotations

import numpy as np

from course_lib.audio.stacked import level, stack
from course_lib.audio.stft import stft
from course_lib.data.spectral_tilt import random_gains
from course_lib.data.voice_bank import VoiceBank

# The first word begins at most this late.
LATEST_ONSET_SECONDS = 0.065
# A word may not reach the very end, which only the window's edge sees.
MARGIN_SECONDS = 0.008
TILT_DB = 3.0


class MixturePairs:
    """Mixtures of two speakers who say different digits, other ones for every state of ``rng``.

    Parameters
    ----------
    bank : VoiceBank
        Of the training clips.
    classes : int
        Digits to choose from; labels are below it.
    n_samples : int
        Length of a mixture.
    n_fft, hop_length : int
        As of :func:`course_lib.audio.stft.stft`. Longer windows resolve the harmonics of two voices.
    snr_db : (float, float)
        Ratios of the two energies are uniform between these.

    Raises
    ------
    ValueError
        One speaker or one digit only, or a hop that does not divide the length.
    """

    def __init__(
        self,
        bank: VoiceBank,
        *,
        classes: int = 10,
        n_samples: int = 8192,
        n_fft: int = 512,
        hop_length: int = 128,
        snr_db: tuple[float, float] = (-5.0, 5.0),
    ):
        for what, values in (("speakers", bank.speaker), ("digits", bank.label)):
            if len(np.unique(values)) < 2:
                raise ValueError(
                    f"a mixture takes two different {what}; received {np.unique(values).tolist()}"
                )
        if n_samples % hop_length:
            raise ValueError(f"hop_length must divide n_samples = {n_samples}; received {hop_length}")
        if not 0 <= bank.label.min() <= bank.label.max() < classes:
            raise ValueError(f"labels must lie below classes = {classes}; received up to {bank.label.max()}")
        self.bank = bank
        self.classes = classes
        self.n_samples = n_samples
        self.n_fft = n_fft
        self.hop_length = hop_length
        self.snr_db = snr_db

    def __len__(self) -> int:
        return len(self.bank)

    @property
    def shape(self) -> tuple[int, int]:
        """(frames, 2 * bins) of one example."""
        return self.n_samples // self.hop_length, 2 * (1 + self.n_fft // 2)

    def batch(self, rows: np.ndarray, rng: np.random.Generator) -> tuple[dict[str, np.ndarray], np.ndarray]:
        """Two examples for each of the clips ``rows``: its mixture with somebody else, asked for either.

        Returns
        -------
        inputs : dict
            ``spectrum``, shape (2 * rows, frames, 2 * bins), float32: stacked, at a level of 1;
            ``condition``, shape (2 * rows, classes), float32: the digit asked for, one-hot.
        target : np.ndarray, shape (2 * rows, frames, 2 * bins), float32
        """
        rows = np.asarray(rows, np.int64)
        clips = np.concatenate([rows, [self._other(row, rng) for row in rows]]).astype(np.int64)
        sources = stft(self._placed(clips, rng), n_fft=self.n_fft, hop_length=self.hop_length)
        sources *= random_gains(len(clips), sources.shape[-1], spread_db=TILT_DB, rng=rng)
        wanted, other = sources[: len(rows)], sources[len(rows) :]
        snr_db = rng.uniform(*self.snr_db, size=(len(rows), 1, 1))
        other *= (level(wanted) / level(other) * 10 ** (-snr_db / 20)).astype(np.float32)
        mixture = wanted + other
        scale = level(mixture)
        spectrum = np.concatenate([stack(mixture / scale)] * 2)
        condition = np.eye(self.classes, dtype=np.float32)[self.bank.label[clips]]
        return {"spectrum": spectrum, "condition": condition}, stack(sources / np.concatenate([scale] * 2))

    def _other(self, row: int, rng: np.random.Generator) -> int:
        """A clip by somebody else with another digit."""
        bank = self.bank
        fits = np.flatnonzero((bank.speaker != bank.speaker[row]) & (bank.label != bank.label[row]))
        if not len(fits):
            raise ValueError(f"no clip by somebody else with another digit than {bank.label[row]}")
        return int(fits[rng.integers(len(fits))])

    def _placed(self, clips: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Words in their places, shape (clips, n_samples): in half of the mixtures both begin together."""
        half = len(clips) // 2
        place = np.where(rng.random(half) < 0.5, rng.uniform(-1, 1, half), 0.0)
        later = np.concatenate([np.maximum(-place, 0), np.maximum(place, 0)])
        sounds = np.zeros((len(clips), self.n_samples), np.float32)
        longest = self.n_samples - round(MARGIN_SECONDS * self.bank.sr)
        for row, clip in enumerate(clips):
            word = self.bank.sound(int(clip), int(rng.integers(self.bank.voices)))[:longest]
            onset = min(int(rng.integers(round(LATEST_ONSET_SECONDS * self.bank.sr))), longest - len(word))
            begin = onset + int(later[row] * (longest - onset - len(word)))
            sounds[row, begin : begin + len(word)] = word
        return sounds
