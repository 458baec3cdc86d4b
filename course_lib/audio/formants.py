"""Move the resonances of a voice without its pitch: a longer or a shorter throat."""

from __future__ import annotations

import numpy as np
import scipy.fft

from course_lib.audio.level import check_number
from course_lib.audio.stft import istft, stft

# The envelope is what the cepstrum holds below this time, fading: above 167 Hz pitch begins to show in it.
LIFTER_SECONDS = 0.006
TURNS = 8
# Bins this far (in power) below their frame's mean are noise: they do not shape the envelope.
RANGE = 1e-5
# No bin changes by more, in nepers (30 dB): the edges of a shifted envelope are guesses.
LIMIT = 3.5


def move_formants(y, factor, *, n_fft: int = 512, hop_length: int = 128, sr: int = 8000) -> np.ndarray:
    """Stretch the spectral envelope of each sound along frequency; pitch, timing and energy stay.

    The smooth part of the log spectrum (its low cepstrum) is read at ``frequency / factor`` and replaces the
    sound's own.

    Parameters
    ----------
    y : np.ndarray, shape (sounds, samples)
        ``samples`` a multiple of ``hop_length``.
    factor : float or np.ndarray, shape (sounds,)
        0.5 to 2. Above 1 formants rise, as of a smaller speaker.
    n_fft, hop_length : int
        As of :func:`course_lib.audio.stft.stft`.

    Returns
    -------
    np.ndarray, shape (sounds, samples), float32

    Raises
    ------
    ValueError
        Another shape, or a factor out of range.
    """
    y = np.asarray(y, np.float32)
    if y.ndim != 2:
        raise ValueError(f"expected sounds of shape (sounds, samples); received {y.shape}")
    factor = np.broadcast_to(np.asarray(factor, np.float64), len(y))
    for extreme in (factor.min(initial=1.0), factor.max(initial=1.0)):
        check_number(extreme, name="factor", low=0.5, high=2.0)
    spectrum = stft(y, n_fft=n_fft, hop_length=hop_length)
    envelope = _log_envelope(spectrum, round(LIFTER_SECONDS * sr))
    gain = np.exp(np.clip(_stretched(envelope, factor) - envelope, -LIMIT, LIMIT))
    made = istft(spectrum * gain.astype(np.float32), n_fft=n_fft, hop_length=hop_length)
    before, after = (np.sum(x**2, axis=1, keepdims=True) for x in (y, made))
    return made * np.sqrt(before / np.maximum(after, 1e-12))


def _log_envelope(spectrum: np.ndarray, lifter: int) -> np.ndarray:
    """Smooth curve over the peaks of the log magnitudes, (..., frames, bins).

    The valleys between harmonics say nothing of the throat: each turn lifts them to the curve so far.
    A. Roebel, X. Rodet, "Efficient spectral envelope estimation and its application to pitch shifting and
    envelope preservation", DAFx 2005.
    """
    power = spectrum.real**2 + spectrum.imag**2
    logarithm = 0.5 * np.log(power + RANGE * power.mean(axis=-1, keepdims=True) + 1e-10)
    taper = (0.5 + 0.5 * np.cos(np.pi * np.arange(lifter) / lifter)).astype(np.float32)
    envelope = logarithm
    for _ in range(TURNS):
        cepstrum = scipy.fft.dct(np.maximum(logarithm, envelope), type=1, axis=-1)
        cepstrum[..., :lifter] *= taper
        cepstrum[..., lifter:] = 0
        envelope = scipy.fft.idct(cepstrum, type=1, axis=-1)
    return envelope


def _stretched(envelope: np.ndarray, factor: np.ndarray) -> np.ndarray:
    """The envelope of bin k at k / factor, (sounds, frames, bins)."""
    last = envelope.shape[-1] - 1
    place = np.minimum(np.arange(last + 1) / factor[:, None], last)
    below = np.minimum(place.astype(int), last - 1)
    share = (place - below).astype(np.float32)[:, None]
    below = np.broadcast_to(below[:, None], envelope.shape)
    low, high = (np.take_along_axis(envelope, below + step, axis=-1) for step in (0, 1))
    return low * (1 - share) + high * share
