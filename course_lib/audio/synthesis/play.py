"""Play one note or one beat."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from course_lib.audio.synthesis import drums
from course_lib.audio.synthesis.bowed_string import bowed_string
from course_lib.audio.synthesis.envelope import rise, set_level
from course_lib.audio.synthesis.flute import flute
from course_lib.audio.synthesis.fm_bell import fm_bell
from course_lib.audio.synthesis.organ import organ
from course_lib.audio.synthesis.plucked_string import plucked_string

INSTRUMENTS: dict[str, Callable[..., np.ndarray]] = {
    "pluck": plucked_string,
    "bell": fm_bell,
    "organ": organ,
    "bowed": bowed_string,
    "flute": flute,
}
DRUMS: dict[str, Callable[..., np.ndarray]] = {
    "kick": drums.kick,
    "snare": drums.snare,
    "hat": drums.hat,
    "tom": drums.tom,
}
# No sound starts with a step: even a pluck takes this long.
ATTACK_SECONDS = 0.002


def frequency(midi: float, *, cents: float = 0.0) -> float:
    """Frequency in Hz of a MIDI note number, equal temperament at A4 = 69 = 440 Hz, ``cents`` sharp."""
    return 440.0 * 2 ** ((midi - 69 + cents / 100) / 12)


def note(
    instrument: str,
    midi: int,
    *,
    velocity: int = 96,
    cents: float = 0.0,
    sr: int = 8000,
    n_samples: int = 8192,
    seed: int = 0,
) -> np.ndarray:
    """One note that begins at once and has died away, or been damped, by the end.

    Parameters
    ----------
    instrument : str
        ``pluck``, ``bell``, ``organ``, ``bowed`` or ``flute``.
    midi : int
        MIDI note number; 60 is middle C. Its frequency is at most ``sr / 6``.
    velocity : int
        1 to 127: louder, by 24 dB over the whole range, and brighter.
    cents : float
        Detune in hundredths of a semitone.
    sr : int
        Sampling rate in Hz.
    n_samples : int
        Length of the result, at least 50 ms.
    seed : int
        Chooses what no two notes share: phases, where a string is plucked, noise. Same seed, same sound.

    Returns
    -------
    np.ndarray, shape (n_samples,), float32
        Begins and ends at exactly 0; peak below 1. Band-limited: nothing is folded back at ``sr / 2``.

    Raises
    ------
    ValueError
        No such instrument, velocity out of range, too short, or too high a note for ``sr``.
    """
    if instrument not in INSTRUMENTS:
        raise ValueError(f"unknown instrument {instrument!r}; expected one of {', '.join(INSTRUMENTS)}")
    f0 = frequency(midi, cents=cents)
    if not 20 <= f0 <= sr / 6:
        raise ValueError(
            f"note {midi} has {f0:.0f} Hz; expected 20 to {sr / 6:.0f} Hz at a sampling rate of {sr} Hz"
        )
    return _play(INSTRUMENTS[instrument], velocity, sr, n_samples, seed, f0)


def drum(
    name: str, *, velocity: int = 96, sr: int = 8000, n_samples: int = 8192, seed: int = 0
) -> np.ndarray:
    """One beat: ``kick``, ``snare``, ``hat`` or ``tom``; the rest is as for :func:`note`."""
    if name not in DRUMS:
        raise ValueError(f"unknown drum {name!r}; expected one of {', '.join(DRUMS)}")
    return _play(DRUMS[name], velocity, sr, n_samples, seed)


def _play(make: Callable[..., np.ndarray], velocity: int, sr: int, n_samples: int, seed: int, *f0: float):
    if not 1 <= velocity <= 127:
        raise ValueError(f"velocity must lie between 1 and 127; received {velocity}")
    if n_samples < 0.05 * sr:
        raise ValueError(f"n_samples must be at least {0.05 * sr:.0f}, 50 ms; received {n_samples}")
    rng = np.random.default_rng(seed)
    y = make(*f0, brightness=velocity / 127, sr=sr, n_samples=n_samples, rng=rng)
    y = y * rise(n_samples, seconds=ATTACK_SECONDS, sr=sr)
    y = set_level(y, velocity=velocity, sr=sr)
    y[-1] = 0.0
    return y.astype(np.float32)
