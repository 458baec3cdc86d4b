"""A voice over music, each asked for in turn."""

from __future__ import annotations

import numpy as np

from course_lib.data.music import Music
from course_lib.data.source_pairs import SourcePairs
from course_lib.data.voice_bank import VoiceBank

# What can be asked for, by number.
KINDS = ("voice", "note")
# Words are not laid against the very edges, which only one window sees.
MARGIN_SECONDS = 0.008


class VoiceAndMusic(SourcePairs):
    """Words over music, other music for every state of ``rng``.

    Parameters
    ----------
    bank : VoiceBank
        Of the words.
    music : Music
        At the same rate.
    sizes
        ``n_samples``, ``n_fft``, ``hop_length`` and ``snr_db`` of :class:`SourcePairs`.

    Raises
    ------
    ValueError
        Different rates, or as :class:`SourcePairs`.
    """

    def __init__(self, bank: VoiceBank, music: Music, **sizes):
        if bank.sr != music.sr:
            raise ValueError(f"expected words and music at one rate; received {bank.sr} and {music.sr} Hz")
        super().__init__(classes=len(KINDS), **sizes)
        self.bank = bank
        self.music = music

    def __len__(self) -> int:
        return len(self.bank)

    def _draw(self, rows, rng):
        sounds = np.zeros((2 * len(rows), self.n_samples), np.float32)
        margin = round(MARGIN_SECONDS * self.bank.sr)
        longest = self.n_samples - 2 * margin
        for place, row in enumerate(rows):
            word = self.bank.sound(int(row), int(rng.integers(self.bank.voices)))[:longest]
            begin = margin + int(rng.integers(longest - len(word) + 1))
            sounds[place, begin : begin + len(word)] = word
            sounds[len(rows) + place] = self.music.play(self.n_samples, rng=rng)
        return sounds, np.repeat(np.arange(len(KINDS)), len(rows))
