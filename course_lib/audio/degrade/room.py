"""A synthetic room: sound that arrives again and again, decaying."""

from __future__ import annotations

import numpy as np
import scipy.signal

from course_lib.audio.level import check_clip, check_number

# What comes later than this is the room, what comes before is the direct sound.
PREDELAY_SECONDS = 0.002


def room_response(
    *, rt60: float, rng: np.random.Generator, direct_to_reverberant_db: float = 0.0, sr: int = 8000
) -> np.ndarray:
    """Impulse response of a room with an exactly exponential decay.

    Parameters
    ----------
    rt60 : float
        Seconds in which the reverberation falls by 60 dB, 0.05 to 10: 0.3 a living room, 1 a lecture hall,
        3 and more a church.
    direct_to_reverberant_db : float
        Energy of the direct sound over that of all later sound, -30 to 60 dB: high is near the speaker.

    Returns
    -------
    np.ndarray, shape (samples,), float64
        The direct sound is 1 at sample 0; the tail begins after 2 ms and ends 72 dB down.

    Notes
    -----
    Sample signs are random and magnitudes are not, so the energy's backward integral (M. R. Schroeder, "New
    method of measuring reverberation time", JASA 37, 1965) is a straight line in dB rather than nearly one.
    """
    rt60 = check_number(rt60, name="rt60", low=0.05, high=10, unit="s")
    ratio_db = check_number(
        direct_to_reverberant_db, name="direct_to_reverberant_db", low=-30, high=60, unit="dB"
    )
    first = max(1, round(PREDELAY_SECONDS * sr))
    time = np.arange(round(1.2 * rt60 * sr)) / sr
    tail = rng.choice([-1.0, 1.0], size=len(time)) * 10 ** (-3 * time / rt60)
    tail *= 10 ** (-ratio_db / 20) / np.sqrt(np.sum(tail**2))
    return np.concatenate([[1.0], np.zeros(first - 1), tail])


def reverberation(
    y, *, rt60: float, rng: np.random.Generator, direct_to_reverberant_db: float = 0.0, sr: int = 8000
) -> np.ndarray:
    """``y``, shape (samples,), heard in a room (see :func:`room_response`), same length, float32.

    The direct sound keeps its place and level, so ``y`` itself is the target of a dereverberation; the tail
    that would outlast the clip is cut. The result may leave [-1, 1].
    """
    y = check_clip(y)
    response = room_response(rt60=rt60, rng=rng, direct_to_reverberant_db=direct_to_reverberant_db, sr=sr)
    return scipy.signal.oaconvolve(y.astype(np.float64), response)[: len(y)].astype(np.float32)
