"""Pairs that begin as strings of words: one voice that goes on talking."""

from __future__ import annotations

import numpy as np

from course_lib.data.spectral_pairs import SpectralPairs
from course_lib.data.voice_bank import VoiceBank

# Silence between the words.
WORD_GAP_SECONDS = (0.02, 0.15)


class StringPairs(SpectralPairs):
    """Base of pairs that are made of strings of words; the clips of ``bank`` are the words they begin with.

    Parameters
    ----------
    bank : VoiceBank
        Of the training clips.
    sizes
        As of :class:`SpectralPairs`.
    """

    def __init__(self, bank: VoiceBank, **sizes: int):
        super().__init__(**sizes)
        self.bank = bank

    def __len__(self) -> int:
        return len(self.bank)

    def _strings(self, rows: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Speech that begins with the clips ``rows``, shape (rows, n_samples), float32."""
        return np.stack(
            [self.bank.talk(row, self.n_samples, rng=rng, gap_seconds=WORD_GAP_SECONDS) for row in rows]
        )
