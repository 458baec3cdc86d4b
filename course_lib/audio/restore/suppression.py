"""Suppression by statistics: a gain for each bin from how likely it is speech."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import scipy.special

from course_lib.audio.level import check_number
from course_lib.audio.restore.noise_estimate import analyse, estimate_noise, synthesise

# Bins this far above the noise are speech whatever the formula says.
LARGEST_RATIO = 1e4


def wiener(
    y,
    *,
    sr: int = 8000,
    noise=None,
    estimator: str = "quietest",
    smoothing: float = 0.95,
    floor_db: float = -12.0,
    n_fft: int = 256,
    hop_length: int = 64,
) -> np.ndarray:
    """Wiener filter with the decision-directed a-priori SNR of Ephraim and Malah.

    The gain is xi / (1 + xi). The ratio xi of speech to noise in a bin is ``smoothing`` parts of what the
    last frame turned out to hold and the rest of what this one shows: Y. Ephraim, D. Malah, "Speech
    enhancement using a minimum mean-square error short-time spectral amplitude estimator", IEEE TASSP 32(6),
    1984.

    Parameters
    ----------
    y : np.ndarray, shape (samples,)
        Noisy sound, at least two windows long.
    noise : np.ndarray, shape (any number of samples,), optional
        Noise alone, as strong as in ``y``.
    estimator : {"quietest", "minimum"}
        Where the noise comes from when it is not given (see :func:`estimate_noise`).
    smoothing : float
        0 to 1; near 1 gives less musical noise and slower onsets. The paper takes 0.98; where the defaults
        come from is said in :mod:`course_lib.audio.restore`.
    floor_db : float
        Least xi, -60 to 0 dB: how far a bin of pure noise is turned down.

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
    arguments = (noise, estimator, smoothing, floor_db, n_fft, hop_length)
    return _suppress(y, lambda xi, gamma: xi / (1 + xi), sr, *arguments)


def log_mmse(
    y,
    *,
    sr: int = 8000,
    noise=None,
    estimator: str = "quietest",
    smoothing: float = 0.98,
    floor_db: float = -25.0,
    n_fft: int = 256,
    hop_length: int = 64,
) -> np.ndarray:
    """Least mean-square error of the log-spectral amplitude; arguments as :func:`wiener`.

    The gain is xi / (1 + xi) exp(E1(v) / 2) with v = gamma xi / (1 + xi): Y. Ephraim, D. Malah, "Speech
    enhancement using a minimum mean-square error log-spectral amplitude estimator", IEEE TASSP 33(2), 1985.
    It leaves more of weak speech than a Wiener filter, and less musical noise.
    """
    arguments = (noise, estimator, smoothing, floor_db, n_fft, hop_length)
    return _suppress(y, _log_mmse_gain, sr, *arguments)


def _log_mmse_gain(xi: np.ndarray, gamma: np.ndarray) -> np.ndarray:
    share = xi / (1 + xi)
    # E1 grows without bound at 0, where the amplitude it multiplies vanishes.
    gain = share * np.exp(scipy.special.exp1(np.maximum(share * gamma, 1e-8)) / 2)
    return np.minimum(gain, 1.0)


def _suppress(y, rule: Callable, sr, noise, estimator, smoothing, floor_db, n_fft, hop_length) -> np.ndarray:
    smoothing = check_number(smoothing, name="smoothing", low=0, high=1)
    floor_db = check_number(floor_db, name="floor_db", low=-60, high=0, unit="dB")
    sizes = {"n_fft": n_fft, "hop_length": hop_length}
    spectrum, samples = analyse(y, **sizes)
    estimate = estimate_noise(y, noise=noise, estimator=estimator, sr=sr, **sizes)
    # gamma: a-posteriori ratio of this frame's power to the noise's.
    gamma = np.minimum(np.abs(spectrum) ** 2 / estimate, LARGEST_RATIO)
    least = 10 ** (floor_db / 10)
    gain = np.empty_like(gamma)
    speech = np.maximum(gamma[0] - 1, 0)
    for t, now in enumerate(gamma):
        xi = np.maximum(smoothing * speech + (1 - smoothing) * np.maximum(now - 1, 0), least)
        gain[t] = rule(xi, now)
        speech = gain[t] ** 2 * now
    return synthesise(spectrum * gain, samples, **sizes)
