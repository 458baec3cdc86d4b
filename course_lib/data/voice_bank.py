"""Clips at several speeds, resampled once: a training then mixes fresh voices at no cost."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import soxr

from course_lib.audio.level import active_rms
from course_lib.data.clips import Clips

# Speeds are rounded to this, so that the resampler works with small ratios.
STEPS = 1000


class VoiceBank:
    """Words without padding, each at a few speeds that its speaker keeps: one speed is one new voice.

    Speed changes pitch, formants and tempo together, as on a tape.

    Parameters
    ----------
    clips : Clips or sequence of Clips
        Training clips at one rate; of several data sets, speakers of equal name count as one.
    speeds : int
        Versions of each voice; the first is its own.
    widest : float
        The others spread from ``1 / widest`` to ``widest``, above 1 to 2: each speaker gets others.
    seed : int
        Same clips and seed, same bank.

    Attributes
    ----------
    label, speaker : np.ndarray, shape (clips,), int64
        The digit, and the number of the speaker in the sorted names.
    speed : np.ndarray, shape (speakers, speeds)

    Raises
    ------
    ValueError
        No clips, different rates, a number out of range.
    """

    def __init__(
        self, clips: Clips | Sequence[Clips], *, speeds: int = 6, widest: float = 1.22, seed: int = 0
    ):
        parts = [clips] if isinstance(clips, Clips) else list(clips)
        rates = sorted({part.sr for part in parts})
        if len(rates) != 1 or not sum(map(len, parts)):
            raise ValueError(
                f"expected clips at one rate; received rates {rates} and {list(map(len, parts))} clips"
            )
        if speeds < 1:
            raise ValueError(f"speeds must be at least 1; received {speeds}")
        if not 1 <= widest <= 2:
            raise ValueError(f"widest must lie between 1 and 2; received {widest}")
        self.sr = rates[0]
        self.label = np.concatenate([part.label for part in parts])
        names = np.concatenate([part.speaker.astype(str) for part in parts])
        self.names, self.speaker = np.unique(names, return_inverse=True)
        self.speed = _spread(len(self.names), speeds, widest, np.random.default_rng(seed))
        self._clips_of = [np.flatnonzero(self.speaker == n) for n in range(len(self.names))]
        sounds = [part.y[i, : part.length[i]] for part in parts for i in range(len(part))]
        versions = [
            _at_speed(sound, speed)
            for sound, own in zip(sounds, self.speaker, strict=True)
            for speed in self.speed[own]
        ]
        shape = (len(sounds), speeds)
        self._end = np.cumsum([len(version) for version in versions]).reshape(shape)
        self._length = np.array([len(version) for version in versions]).reshape(shape)
        self._rms = np.array([active_rms(version, sr=self.sr) for version in versions]).reshape(shape)
        self._sound = np.concatenate(versions)

    def __len__(self) -> int:
        return len(self.label)

    @property
    def speeds(self) -> int:
        """Versions of each clip."""
        return self.speed.shape[1]

    def sound(self, clip: int, speed: int) -> np.ndarray:
        """Samples of ``clip`` at speed number ``speed``, shape (samples,), float32; do not write into it."""
        end = self._end[clip, speed]
        return self._sound[end - self._length[clip, speed] : end]

    def rms(self, clip: int, speed: int) -> float:
        """Level of its active frames."""
        return float(self._rms[clip, speed])

    def clips_of(self, speaker: int) -> np.ndarray:
        """Indices of the clips of one speaker."""
        return self._clips_of[speaker]

    def talk(
        self, clip: int, n_samples: int, *, rng: np.random.Generator, gap_seconds: tuple[float, float]
    ) -> np.ndarray:
        """``n_samples`` of one voice, beginning within ``clip``: random words of its speaker at one speed.

        ``gap_seconds`` bounds the silences between them.
        """
        said = np.zeros(n_samples, np.float32)
        speed, own = int(rng.integers(self.speeds)), self._clips_of[self.speaker[clip]]
        word = self.sound(clip, speed)
        place = -int(rng.integers(len(word) // 2 + 1))
        while place < n_samples:
            begin = max(0, place)
            piece = word[max(0, -place) :][: n_samples - begin]
            said[begin : begin + len(piece)] = piece
            place += len(word) + round(float(rng.uniform(*gap_seconds)) * self.sr)
            word = self.sound(int(own[rng.integers(len(own))]), speed)
        return said


def _spread(speakers: int, speeds: int, widest: float, rng: np.random.Generator) -> np.ndarray:
    """Speeds of each speaker, shape (speakers, speeds): 1, then an even ladder with some jitter."""
    ladder = np.linspace(-1, 1, speeds - 1) if speeds > 2 else np.zeros(speeds - 1)
    jitter = rng.uniform(-1, 1, (speakers, speeds - 1)) / max(1, speeds - 2)
    exponent = np.clip(ladder + jitter, -1, 1)
    return np.concatenate([np.ones((speakers, 1)), widest**exponent], axis=1)


def _at_speed(sound: np.ndarray, speed: float) -> np.ndarray:
    steps = round(STEPS * speed)
    return sound if steps == STEPS else soxr.resample(sound, steps, STEPS, quality="MQ").astype(np.float32)
