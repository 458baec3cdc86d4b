"""How strong is the noise in each band? From a piece of noise alone, or from the noisy sound itself."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import scipy.ndimage
import scipy.signal

from course_lib.audio.files import AudioError
from course_lib.audio.level import check_clip
from course_lib.audio.stft import istft, stft

ESTIMATORS = ("quietest", "minimum")
# Speech pauses are a tenth of most recordings.
QUIET_SHARE = 0.1
# Minimum statistics: smoothing of each band's power over about 50 ms, minimum over 0.8 s (a long word).
SMOOTHING, WINDOW_SECONDS = 0.85, 0.8
# Keeps a ratio to digital silence finite: -140 dB re one bin of a full-scale sine.
FLOOR_DB = -140.0


def analyse(y, *, n_fft: int, hop_length: int) -> tuple[np.ndarray, int]:
    """STFT of ``y`` padded to whole hops, shape (frames, bins), and the samples of ``y``."""
    y = check_clip(y)
    if len(y) < 2 * n_fft:
        raise AudioError(f"y has {len(y)} samples; expected at least two windows, {2 * n_fft}")
    # One hop more, since the inverse is not exact in the last one.
    padded = np.pad(y, (0, -len(y) % hop_length + hop_length))
    return stft(padded, n_fft=n_fft, hop_length=hop_length), len(y)


def synthesise(spectrum: np.ndarray, samples: int, *, n_fft: int, hop_length: int) -> np.ndarray:
    """Back to shape (samples,), float32."""
    return istft(spectrum, n_fft=n_fft, hop_length=hop_length)[:samples].astype(np.float32, copy=False)


def inner(n_frames: int, *, n_fft: int, hop_length: int) -> slice:
    """Frames that hold only samples of the sound, none of the zeros around it."""
    first = -(-n_fft // 2 // hop_length)
    return slice(first, max(first + 1, n_frames - 1 - first))


def quiet_frames(power: np.ndarray) -> np.ndarray:
    """Indices of the quietest tenth of the frames of ``power``, shape (frames, bins), at least five."""
    count = min(len(power), max(5, round(QUIET_SHARE * len(power))))
    return np.argpartition(power.sum(axis=1), count - 1)[:count]


def estimate_noise(
    y,
    *,
    noise=None,
    estimator: str = "quietest",
    sr: int = 8000,
    n_fft: int = 256,
    hop_length: int = 64,
) -> np.ndarray:
    """Power of the noise in each band.

    Parameters
    ----------
    y : np.ndarray, shape (samples,)
        The noisy sound, at least two windows long.
    noise : np.ndarray, shape (any number of samples,), optional
        Noise alone, as strong as it is in ``y``. It is averaged, and ``estimator`` is not used.
    estimator : {"quietest", "minimum"}
        ``"quietest"``: the mean of the quietest tenth of the frames, for noise that does not change.
        ``"minimum"``: each band's lowest smoothed power within 0.8 s, corrected for being a minimum, after
        R. Martin, "Noise power spectral density estimation based on optimal smoothing and minimum
        statistics", IEEE TSAP 9(5), 2001, with a constant smoothing. It follows noise that changes slowly.

    Returns
    -------
    np.ndarray, float32
        Squared STFT magnitudes, shape (1, bins), or (frames, bins) for "minimum".

    Raises
    ------
    AudioError
        Sound or noise too short, NaN.
    ValueError
        Unknown estimator.
    """
    if estimator not in ESTIMATORS:
        raise ValueError(f"estimator must be one of {', '.join(ESTIMATORS)}; received {estimator!r}")
    sizes = {"n_fft": n_fft, "hop_length": hop_length}
    source = y if noise is None else check_clip(noise, name="noise")
    power = np.abs(analyse(source, **sizes)[0]) ** 2
    whole = power[inner(len(power), **sizes)]
    if noise is not None:
        estimate = whole.mean(axis=0, keepdims=True)
    elif estimator == "quietest":
        estimate = whole[quiet_frames(whole)].mean(axis=0, keepdims=True)
    else:
        window = max(3, round(WINDOW_SECONDS * sr / hop_length))
        first = inner(len(power), **sizes).start
        smallest = _smoothed_minimum(whole, window) * _minimum_bias(
            n_fft, hop_length, min(window, len(whole))
        )
        estimate = np.pad(smallest, [(first, len(power) - first - len(whole)), (0, 0)], mode="edge")
    floor = 10 ** (FLOOR_DB / 10) * (n_fft / 4) ** 2
    return np.maximum(estimate, floor).astype(np.float32)


def _smoothed_minimum(power: np.ndarray, window: int) -> np.ndarray:
    start = power[: max(1, window // 8)].mean(axis=0, keepdims=True) * SMOOTHING
    smooth = scipy.signal.lfilter([1 - SMOOTHING], [1, -SMOOTHING], power, axis=0, zi=start)[0]
    # The smoothing looks back, so a window centred on a frame looks both ways.
    return scipy.ndimage.minimum_filter1d(smooth, window, axis=0, mode="nearest")


@lru_cache(maxsize=16)
def _minimum_bias(n_fft: int, hop_length: int, window: int) -> float:
    """Mean power over mean minimum, measured on white noise rather than approximated by a formula."""
    noise = np.random.default_rng(0).standard_normal((window * 6 + 8) * hop_length)
    power = np.abs(analyse(noise, n_fft=n_fft, hop_length=hop_length)[0][:, 2:-2]) ** 2
    power = power[inner(len(power), n_fft=n_fft, hop_length=hop_length)]
    return float(power.mean() / _smoothed_minimum(power, window)[window : -window or None].mean())
