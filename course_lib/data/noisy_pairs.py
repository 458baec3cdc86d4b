"""Strings of words under fresh noise, and the same strings without it: what a denoiser trains on."""

from __future__ import annotations

import numpy as np
import scipy.fft

from course_lib.audio.stacked import level, stack
from course_lib.audio.stft import stft
from course_lib.data.spectral_tilt import random_gains
from course_lib.data.string_pairs import StringPairs
from course_lib.data.voice_bank import VoiceBank

# Silence between the words of the babble.
BABBLE_GAP_SECONDS = (0.0, 0.02)
BABBLE_VOICES = (4, 8)
# Of the noises that are no babble, this share is coloured: exponents from just below white's to brown's.
COLOURED, EXPONENTS = 0.35, (-0.5, 2.0)
# How different the microphones are, in dB.
SPEECH_TILT_DB, BABBLE_TILT_DB = 3.0, 2.0


class NoisyPairs(StringPairs):
    """(noisy, clean) spectra, other ones for every state of ``rng``.

    Parameters
    ----------
    bank : VoiceBank
        Of the training clips; babble is by its speakers too, never by the one to keep.
    n_samples : int
        Length of an example: some words, not one, because that is what will be denoised.
    n_fft, hop_length : int
        As of :func:`course_lib.audio.stft.stft`.
    snr_db : (float, float)
        Ratios are uniform between these.
    babble : float
        Share of examples under babble, 0 to 1; the others get white or coloured noise.

    Raises
    ------
    ValueError
        A share out of range, babble by nobody, a hop that does not divide the length.
    """

    def __init__(
        self,
        bank: VoiceBank,
        *,
        n_samples: int = 16384,
        n_fft: int = 256,
        hop_length: int = 64,
        snr_db: tuple[float, float] = (-4.0, 6.0),
        babble: float = 0.5,
    ):
        if not 0 <= babble <= 1:
            raise ValueError(f"babble must lie between 0 and 1; received {babble}")
        if babble and len(bank.names) < 2:
            raise ValueError(f"babble takes somebody else; this bank has only {', '.join(bank.names)}")
        super().__init__(bank, n_samples=n_samples, n_fft=n_fft, hop_length=hop_length)
        self.snr_db = snr_db
        self.babble = babble

    def batch(self, rows: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """The examples that begin with the clips ``rows``, each in [0, len(self)).

        Returns
        -------
        noisy, clean : np.ndarray, shape (rows, frames, 2 * bins), float32
            Stacked spectra, divided by the level of the noisy one.
        """
        rows = np.asarray(rows, np.int64)
        speech = self._strings(rows, rng)
        babbles = rng.random(len(rows)) < self.babble
        noise = rng.standard_normal((len(rows), self.n_samples), dtype=np.float32)
        for place in np.flatnonzero(babbles):
            noise[place] = self._babble(self.bank.speaker[rows[place]], rng)
        clean, rest = (stft(y, n_fft=self.n_fft, hop_length=self.hop_length) for y in (speech, noise))
        bins = clean.shape[-1]
        clean *= random_gains(len(rows), bins, spread_db=SPEECH_TILT_DB, rng=rng)
        rest *= np.where(
            babbles[:, None, None],
            random_gains(len(rows), bins, spread_db=BABBLE_TILT_DB, rng=rng),
            _colours(len(rows), bins, rng),
        )
        snr_db = rng.uniform(*self.snr_db, size=(len(rows), 1, 1))
        rest *= (level(clean) / level(rest) * 10 ** (-snr_db / 20)).astype(np.float32)
        noisy = clean + rest
        scale = level(noisy)
        return stack(noisy / scale), stack(clean / scale)

    def _babble(self, without: int, rng: np.random.Generator) -> np.ndarray:
        """Several voices at equal level; in two of five cases all by one speaker."""
        others = np.delete(np.arange(len(self.bank.names)), without)
        voices = int(rng.integers(BABBLE_VOICES[0], BABBLE_VOICES[1] + 1))
        speakers = others[rng.integers(len(others), size=voices)]
        if rng.random() < 0.4:
            speakers[:] = speakers[0]
        total = np.zeros(self.n_samples, np.float32)
        for speaker in speakers:
            own = self.bank.clips_of(speaker)
            first = int(own[rng.integers(len(own))])
            total += self.bank.talk(first, self.n_samples, rng=rng, gap_seconds=BABBLE_GAP_SECONDS)
        return total


def _colours(count: int, bins: int, rng: np.random.Generator) -> np.ndarray:
    """Gains that colour white noise, most of them 1, shape (count, 1, bins), float32."""
    exponent = np.where(rng.random(count) < COLOURED, rng.uniform(*EXPONENTS, size=count), 0.0)
    frequency = np.maximum(scipy.fft.rfftfreq(2 * (bins - 1)), 0.5 / (bins - 1))
    return (frequency ** (-exponent[:, None] / 2)).astype(np.float32)[:, None]
