"""Two voices at once, each asked for in turn: what a separation trains on."""

from __future__ import annotations

import numpy as np

from course_lib.data.source_pairs import SourcePairs
from course_lib.data.voice_bank import VoiceBank

# The first word begins at most this late.
LATEST_ONSET_SECONDS = 0.065
# A word may not reach the very end, which only the window's edge sees.
MARGIN_SECONDS = 0.008


class MixturePairs(SourcePairs):
    """Mixtures of two speakers who say different digits, other ones for every state of ``rng``.

    Parameters
    ----------
    bank : VoiceBank
        Of the training clips.
    classes : int
        What can be asked for; numbers are below it.
    asked : np.ndarray, shape (clips of the bank,), integers, optional
        What asks for each clip, such as the number of its speaker; its digit by default.
    sizes
        ``n_samples``, ``n_fft``, ``hop_length`` and ``snr_db`` of :class:`SourcePairs`.

    Raises
    ------
    ValueError
        One speaker or one digit only, a class out of range, or a hop that does not divide the length.
    """

    def __init__(
        self,
        bank: VoiceBank,
        *,
        classes: int = 10,
        asked: np.ndarray | None = None,
        **sizes,
    ):
        for what, values in (("speakers", bank.speaker), ("digits", bank.label)):
            if len(np.unique(values)) < 2:
                raise ValueError(
                    f"a mixture takes two different {what}; received {np.unique(values).tolist()}"
                )
        asked = bank.label if asked is None else np.asarray(asked, np.int64)
        if asked.shape != bank.label.shape:
            raise ValueError(f"expected what asks for each of {len(bank)} clips; received {asked.shape}")
        if not 0 <= asked.min() <= asked.max() < classes:
            raise ValueError(f"labels must lie below classes = {classes}; received up to {asked.max()}")
        super().__init__(classes=classes, **sizes)
        self.bank = bank
        self.asked = asked

    def __len__(self) -> int:
        return len(self.bank)

    def _draw(self, rows, rng):
        clips = np.concatenate([rows, [self._other(row, rng) for row in rows]]).astype(np.int64)
        return self._placed(clips, rng), self.asked[clips]

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
            word = self.bank.sound(int(clip), int(rng.integers(self.bank.voices)), rng=rng)[:longest]
            onset = min(int(rng.integers(round(LATEST_ONSET_SECONDS * self.bank.sr))), longest - len(word))
            begin = onset + int(later[row] * (longest - onset - len(word)))
            sounds[row, begin : begin + len(word)] = word
        return sounds
