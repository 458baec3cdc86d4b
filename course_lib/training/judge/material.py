"""What the judge learns from: people, synthetic voices, and sounds that are no digits."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from course_lib.audio.degrade.noise import coloured_noise
from course_lib.audio.log_mel_spectrogram import LogMelSpectrogram
from course_lib.data.clips import Clips
from course_lib.models.judge import prepared

FLOOR_DB = -60.0
NEPERS = 1.64
NO_DIGIT = -1


def representation() -> LogMelSpectrogram:
    """Log-mel features that are 0 below -60 dB: rooms and recorders differ there, digits do not."""
    plain = LogMelSpectrogram(floor_db=FLOOR_DB)
    silence = FLOOR_DB / 20 * np.log(10)
    return LogMelSpectrogram(floor_db=FLOOR_DB, mean=[float(silence)] * plain.n_mels, scale=NEPERS)


@dataclass(frozen=True, eq=False)
class Examples:
    """Features with what is said in them.

    Attributes
    ----------
    features : np.ndarray, shape (clips, frames, bands), float32
    label : np.ndarray, shape (clips,), int64
        The digit, or -1 where none is spoken.
    speaker : np.ndarray, shape (clips,), str
    take : np.ndarray, shape (clips,), int64
    """

    features: np.ndarray
    label: np.ndarray
    speaker: np.ndarray
    take: np.ndarray

    def __len__(self) -> int:
        return len(self.label)

    def select(self, mask: np.ndarray) -> Examples:
        """Those that a boolean mask, shape (clips,), chooses."""
        return replace(self, **{name: value[mask] for name, value in vars(self).items()})

    def __add__(self, other: Examples) -> Examples:
        return Examples(*(np.concatenate([a, vars(other)[name]]) for name, a in vars(self).items()))


def examples(clips: Clips) -> Examples:
    """Clips as the judge hears them."""
    return Examples(representation().encode(prepared(clips.y)), clips.label, clips.speaker, clips.take)


def no_digits(count: int, *, seed: int, n_samples: int = 8192, sr: int = 8000) -> np.ndarray:
    """Sounds in which no digit is spoken, shape (count, n_samples), float32, in [-1, 1].

    In turn silence, steady noise of some colour, noise in one or two bursts, and a tone with harmonics.
    """
    rng = np.random.default_rng(seed)
    makers = (_silence, _noise, _bursts, _tone)
    sounds = np.stack([makers[i % len(makers)](n_samples, sr, rng) for i in range(count)])
    return (sounds / np.maximum(np.abs(sounds).max(axis=1, keepdims=True), 1.0)).astype(np.float32)


def _silence(n: int, sr: int, rng: np.random.Generator) -> np.ndarray:
    return np.zeros(n)


def _noise(n: int, sr: int, rng: np.random.Generator) -> np.ndarray:
    return 0.1 * coloured_noise(n, exponent=rng.uniform(-0.5, 2.0), rng=rng)


def _bursts(n: int, sr: int, rng: np.random.Generator) -> np.ndarray:
    time, envelope = np.arange(n) / sr, np.zeros(n)
    for _ in range(rng.integers(1, 3)):
        centre, width = rng.uniform(0.1, 0.6), rng.uniform(0.03, 0.15)
        envelope += np.exp(-0.5 * ((time - centre) / width) ** 2)
    return envelope * _noise(n, sr, rng)


def _tone(n: int, sr: int, rng: np.random.Generator) -> np.ndarray:
    time = np.arange(n) / sr
    pitch, slope, length = rng.uniform(70, 400), rng.uniform(-0.5, 0.5), rng.uniform(0.2, 0.9)
    phase = 2 * np.pi * pitch * (time + slope * time**2 / 2)
    strength = 1 / np.arange(1, 21) ** rng.uniform(0.5, 2.0)
    heard = [a * np.sin(k * phase) for k, a in enumerate(strength, start=1) if k * pitch * 1.5 < sr / 2]
    return 0.1 * np.sum(heard, axis=0) * (time < length)
