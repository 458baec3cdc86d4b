"""Damage that changes the samples themselves: each at an exact severity.

All take ``y``, shape (samples,), in [-1, 1], and return a new float32 array of that shape. AudioError for
sounds that are empty, shorter than 64 samples, NaN, or (where it matters) silent.
"""

from __future__ import annotations

import numpy as np
import scipy.signal

from course_lib.audio.level import check_audible, check_clip, check_number

# Width of the filter's slope, centred on the edge, and how much it rejects beyond.
SLOPE_HZ, STOPBAND_DB = 200.0, 80.0


def salt_and_pepper(y, *, percent: float, rng: np.random.Generator) -> np.ndarray:
    """Replace exactly round(percent % of the samples) by plus or minus the clip's peak, at random places.

    ``percent`` lies in [0, 100]. One impulse is white and short: a median filter removes it, a Wiener
    filter does not.
    """
    y = check_audible(y).copy()
    percent = check_number(percent, name="percent", low=0, high=100, unit="%")
    place = rng.choice(len(y), size=round(percent / 100 * len(y)), replace=False)
    y[place] = np.abs(y).max() * rng.choice(np.array([-1, 1], np.float32), size=len(place))
    return y


def clipping(y, *, percent: float) -> np.ndarray:
    """Cut the loudest ``percent`` % of the sounding samples (those not exactly zero) to one limit.

    The limit is the magnitude of the last of them, so exactly round(percent % of the sounding samples)
    stand at it, more only where magnitudes are equal. Padding does not count. The level is not restored.
    ``percent`` lies in [0, 99].
    """
    y = check_audible(y)
    percent = check_number(percent, name="percent", low=0, high=99, unit="%")
    magnitude = np.abs(y[y != 0])
    count = round(percent / 100 * len(magnitude))
    if count == 0:
        return y.copy()
    limit = np.partition(magnitude, len(magnitude) - count)[len(magnitude) - count]
    return np.clip(y, -limit, limit)


def quantise(y, *, bits: int) -> np.ndarray:
    """Round to the nearest of 2 ** bits evenly spaced values from -1 to just below 1, as PCM does.

    ``bits`` is a whole number from 2 to 16. The highest value is 1 - 2 ** (1 - bits). No dither: the error
    follows the signal and sounds rough.
    """
    y = check_clip(y)
    whole = check_number(bits, name="bits", low=2, high=16)
    if whole != int(whole):
        raise ValueError(f"bits must be a whole number from 2 to 16; received {bits!r}")
    steps = 2 ** (int(whole) - 1)
    return (np.clip(np.round(y * np.float32(steps)), -steps, steps - 1) / np.float32(steps)).astype(
        np.float32
    )


def band_filter(*, cutoff_hz: float, low_hz: float = 0.0, sr: int = 8000) -> np.ndarray:
    """Linear-phase filter with edges at ``low_hz`` (0: none) and ``cutoff_hz``, shape (taps,), odd.

    A Kaiser window's design: -6 dB at an edge, within 0.01 dB of 0 from 100 Hz inside it, below -75 dB from
    100 Hz outside it.
    """
    half = SLOPE_HZ / 2
    cutoff_hz = check_number(cutoff_hz, name="cutoff_hz", low=half + 1, high=sr / 2 - half - 1, unit="Hz")
    low_hz = check_number(low_hz, name="low_hz", low=0, high=cutoff_hz - SLOPE_HZ, unit="Hz")
    if 0 < low_hz <= half:
        raise ValueError(f"low_hz must be 0 or more than {half:g} Hz; received {low_hz:g}")
    taps, beta = scipy.signal.kaiserord(STOPBAND_DB, SLOPE_HZ / (sr / 2))
    edges = [low_hz, cutoff_hz] if low_hz else cutoff_hz
    return scipy.signal.firwin(taps | 1, edges, window=("kaiser", beta), pass_zero=not low_hz, fs=sr)


def band_limit(y, *, cutoff_hz: float, low_hz: float = 0.0, sr: int = 8000) -> np.ndarray:
    """Remove what lies above ``cutoff_hz`` and below ``low_hz`` without delay (see :func:`band_filter`).

    300 to 3400 Hz is the telephone's band.
    """
    y = check_clip(y)
    taps = band_filter(cutoff_hz=cutoff_hz, low_hz=low_hz, sr=sr)
    half = len(taps) // 2
    # "same" would take the filter's length for a clip shorter than it.
    full = scipy.signal.oaconvolve(y.astype(np.float64), taps)
    return full[half : half + len(y)].astype(np.float32)
