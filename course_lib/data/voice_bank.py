"""Clips in several voices, made once: a training then mixes fresh voices at no cost."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.fft
import soxr

from course_lib.audio.formants import move_formants
from course_lib.data.clips import Clips

# Speeds are rounded to this, so that the resampler works with small ratios.
STEPS = 1000
# Formants are moved in blocks of clips of about one length.
BLOCK, HOP_LENGTH = 256, 128


class VoiceBank:
    """Words without padding, each in a few voices that its speaker keeps.

    A voice has a speed, which changes pitch and tempo as on a tape, and formants of its own.

    Parameters
    ----------
    clips : Clips or sequence of Clips
        Training clips at one rate; of several data sets, speakers of equal name count as one.
    voices : int
        Versions of each speaker; the first is the speaker's own voice.
    speed : float
        Speeds of the others spread from ``1 / speed`` to ``speed``, 1 to 1.5: each speaker gets others.
    formants : float
        Their formants are moved by ``1 / formants`` to ``formants``, 1 to 1.3, whatever their speed.
    drift : float
        Each time that a voice is heard with an ``rng``, its speed is another one once more, by a factor from
        ``1 / drift`` to ``drift``, 1 to 1.3: no two examples are in the same voice.
    seed : int
        Same clips and seed, same bank.

    Attributes
    ----------
    label, speaker : np.ndarray, shape (clips,), int64
        The digit, and the number of the speaker in the sorted names.
    speed, formants : np.ndarray, shape (speakers, voices)

    Raises
    ------
    ValueError
        No clips, different rates, a number out of range.
    """

    def __init__(
        self,
        clips: Clips | Sequence[Clips],
        *,
        voices: int = 8,
        speed: float = 1.3,
        formants: float = 1.18,
        drift: float = 1.0,
        seed: int = 0,
    ):
        parts = [clips] if isinstance(clips, Clips) else list(clips)
        rates = sorted({part.sr for part in parts})
        if len(rates) != 1 or not sum(map(len, parts)):
            raise ValueError(f"expected clips at one rate; received {len(parts)} sets at rates {rates}")
        if voices < 1:
            raise ValueError(f"voices must be at least 1; received {voices}")
        for name, value, most in (("speed", speed, 1.5), ("formants", formants, 1.3), ("drift", drift, 1.3)):
            if not 1 <= value <= most:
                raise ValueError(f"{name} must lie between 1 and {most}; received {value}")
        self.sr = rates[0]
        self.drift = drift
        self.label = np.concatenate([part.label for part in parts])
        names = np.concatenate([part.speaker.astype(str) for part in parts])
        self.names, self.speaker = np.unique(names, return_inverse=True)
        rng = np.random.default_rng(seed)
        self.speed = _spread(len(self.names), voices, speed, rng)
        self.formants = _spread(len(self.names), voices, formants, rng)
        self._clips_of = [np.flatnonzero(self.speaker == n) for n in range(len(self.names))]
        sounds = [part.y[i, : part.length[i]] for part in parts for i in range(len(part))]
        versions = [
            _at_speed(sound, own)
            for sound, speaker in zip(sounds, self.speaker, strict=True)
            for own in self.speed[speaker]
        ]
        # The speed has moved the formants already: only the rest is left to do.
        rest = (self.formants / self.speed)[self.speaker].reshape(-1)
        _move_formants(versions, rest, np.flatnonzero(np.abs(rest - 1) > 0.01), sr=self.sr)
        shape = (len(sounds), voices)
        self._end = np.cumsum([len(version) for version in versions]).reshape(shape)
        self._length = np.array([len(version) for version in versions]).reshape(shape)
        self._sound = np.concatenate(versions)

    def __len__(self) -> int:
        return len(self.label)

    @property
    def voices(self) -> int:
        """Versions of each clip."""
        return self.speed.shape[1]

    def sound(self, clip: int, voice: int, *, rng: np.random.Generator | None = None) -> np.ndarray:
        """Samples of ``clip`` in one of its voices, shape (samples,), float32; do not write into it."""
        end = self._end[clip, voice]
        word = self._sound[end - self._length[clip, voice] : end]
        if rng is None or self.drift == 1:
            return word
        fast = scipy.fft.next_fast_len(len(word), real=True)
        return _in_samples(np.pad(word, (0, fast - len(word))), round(fast / self._drifted(rng)))

    def clips_of(self, speaker: int) -> np.ndarray:
        """Indices of the clips of one speaker."""
        return self._clips_of[speaker]

    def talk(
        self, clip: int, n_samples: int, *, rng: np.random.Generator, gap_seconds: tuple[float, float]
    ) -> np.ndarray:
        """``n_samples`` of one voice, beginning within ``clip``: random words of its speaker.

        ``gap_seconds`` bounds the silences between them.
        """
        if self.drift > 1:
            samples = scipy.fft.next_fast_len(round(n_samples * self._drifted(rng)), real=True)
            return _in_samples(self._talk(clip, samples, rng, gap_seconds), n_samples)
        return self._talk(clip, n_samples, rng, gap_seconds)

    def _talk(self, clip: int, n_samples: int, rng: np.random.Generator, gap_seconds) -> np.ndarray:
        said = np.zeros(n_samples, np.float32)
        voice, own = int(rng.integers(self.voices)), self._clips_of[self.speaker[clip]]
        word = self.sound(clip, voice)
        place = -int(rng.integers(len(word) // 2 + 1))
        while place < n_samples:
            begin = max(0, place)
            piece = word[max(0, -place) :][: n_samples - begin]
            said[begin : begin + len(piece)] = piece
            place += len(word) + round(float(rng.uniform(*gap_seconds)) * self.sr)
            word = self.sound(int(own[rng.integers(len(own))]), voice)
        return said

    def _drifted(self, rng: np.random.Generator) -> float:
        return self.drift ** rng.uniform(-1, 1)


def _in_samples(sound: np.ndarray, samples: int) -> np.ndarray:
    """The same sound in so many samples: faster or slower, as on a tape. Exact for what it holds below both
    Nyquist frequencies, and several times faster than a resampler that is set up for each ratio."""
    spectrum = scipy.fft.rfft(sound)[: samples // 2 + 1]
    return scipy.fft.irfft(spectrum, samples).astype(np.float32) * np.float32(samples / len(sound))


def _spread(speakers: int, voices: int, widest: float, rng: np.random.Generator) -> np.ndarray:
    """Factors, shape (speakers, voices): 1, then an even ladder, shuffled, with some jitter."""
    step = 2 / max(1, voices - 1)
    ladder = (np.arange(voices - 1) + 0.5) * step - 1
    ladder = rng.permuted(np.broadcast_to(ladder, (speakers, voices - 1)), axis=1)
    exponent = ladder + rng.uniform(-0.5, 0.5, ladder.shape) * step
    return np.concatenate([np.ones((speakers, 1)), widest**exponent], axis=1)


def _at_speed(sound: np.ndarray, speed: float) -> np.ndarray:
    steps = round(STEPS * speed)
    return sound if steps == STEPS else soxr.resample(sound, steps, STEPS, quality="MQ").astype(np.float32)


def _move_formants(sounds: list[np.ndarray], factor: np.ndarray, which: np.ndarray, *, sr: int) -> None:
    """Replace the sounds ``which`` in their list."""
    by_length = which[np.argsort([len(sounds[i]) for i in which], kind="stable")]
    for block in np.array_split(by_length, -(-len(by_length) // BLOCK) or 1):
        if not len(block):
            continue
        longest = max(len(sounds[i]) for i in block)
        padded = np.zeros((len(block), longest + HOP_LENGTH + -longest % HOP_LENGTH), np.float32)
        for row, i in enumerate(block):
            padded[row, : len(sounds[i])] = sounds[i]
        moved = move_formants(padded, factor[block], hop_length=HOP_LENGTH, sr=sr)
        for row, i in enumerate(block):
            sounds[i] = moved[row, : len(sounds[i])].copy()
