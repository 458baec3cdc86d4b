"""Spectral gating: keep what is louder than the noise, mute the rest."""

from __future__ import annotations

import numpy as np
import scipy.ndimage

from course_lib.audio.level import check_clip, check_number
from course_lib.audio.restore.noise_estimate import (
    ESTIMATORS,
    FLOOR_DB,
    analyse,
    inner,
    quiet_frames,
    synthesise,
)


def spectral_gate(
    y,
    *,
    sr: int = 8000,
    noise=None,
    estimator: str = "quietest",
    n_std: float = 2.0,
    reduction_db: float = 40.0,
    smooth_hz: float = 80.0,
    smooth_seconds: float = 0.12,
    n_fft: int = 256,
    hop_length: int = 64,
) -> np.ndarray:
    """Stationary spectral gating in the manner of noisereduce (T. Sainburg, 2019).

    A bin opens where its level in dB exceeds the noise's mean by ``n_std`` standard deviations in that
    band; the open and closed bins are smoothed by a triangle over time and frequency, or single bins would
    chirp ("musical noise").

    Parameters
    ----------
    y : np.ndarray, shape (samples,)
        Noisy sound, at least two windows long.
    noise : np.ndarray, shape (any number of samples,), optional
        Noise alone, as strong as in ``y``; else the quietest tenth of the frames of ``y`` is taken for it.
    estimator : {"quietest"}
        Minimum statistics know no spread, so there is only one.
    reduction_db : float
        How far a closed bin is turned down, 0 to 120. Where the defaults come from is said in
        :mod:`course_lib.audio.restore`.
    smooth_hz, smooth_seconds : float
        Half width of the smoothing triangle.

    Returns
    -------
    np.ndarray, shape (samples,), float32

    Raises
    ------
    AudioError
        Too short, NaN.
    ValueError
        A parameter out of range.
    """
    if estimator != "quietest":
        raise ValueError(
            f"spectral_gate knows the estimator 'quietest' of {ESTIMATORS}; received {estimator!r}"
        )
    n_std = check_number(n_std, name="n_std", low=0, high=10)
    reduction_db = check_number(reduction_db, name="reduction_db", low=0, high=120, unit="dB")
    sizes = {"n_fft": n_fft, "hop_length": hop_length}
    spectrum, samples = analyse(y, **sizes)
    level = _decibels(spectrum)
    if noise is None:
        whole = slice(*inner(len(level), **sizes).indices(len(level)))
        chosen = level[whole][quiet_frames(np.abs(spectrum[whole]) ** 2)]
    else:
        chosen = _decibels(analyse(check_clip(noise, name="noise"), **sizes)[0])
        chosen = chosen[inner(len(chosen), **sizes)]
    opened = level > chosen.mean(axis=0) + n_std * chosen.std(axis=0)
    gate = opened.astype(np.float32)
    for axis, width in ((0, smooth_seconds * sr / hop_length), (1, smooth_hz * n_fft / sr)):
        gate = scipy.ndimage.convolve1d(gate, _triangle(width), axis=axis, mode="nearest")
    closed = 10 ** (-reduction_db / 20)
    return synthesise(spectrum * (closed + (1 - closed) * gate).astype(np.float32), samples, **sizes)


def _decibels(spectrum: np.ndarray) -> np.ndarray:
    floor = 10 ** (FLOOR_DB / 20) * spectrum.shape[1] / 2
    return 20 * np.log10(np.maximum(np.abs(spectrum), floor))


def _triangle(half_width: float) -> np.ndarray:
    count = max(0, round(half_width))
    weights = 1 - np.abs(np.arange(-count, count + 1)) / (count + 1)
    return weights / weights.sum()
