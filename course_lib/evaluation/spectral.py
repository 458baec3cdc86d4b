"""Distances between short-time spectra: deaf to phase, like much of hearing."""

from __future__ import annotations

import numpy as np

from course_lib.audio.mel import mel_filters
from course_lib.audio.stft import stft, window_gain
from course_lib.evaluation import validate

FLOOR_DB = -80.0


def log_mel_distance(
    reference, estimate, *, sr: int, n_fft: int = 256, hop_length: int = 64, n_mels: int = 64
) -> float:
    """Mean absolute difference of log-mel spectra, in nepers (natural log). Lower is better.

    1 neper is 8.7 dB. Bands below -80 dB re full scale count as -80 dB.

    Parameters
    ----------
    reference, estimate : np.ndarray, shape (samples,)
        Sounds in [-1, 1]; the end is padded with zeros to a whole number of hops.
    """
    reference, estimate = validate.signals(reference, estimate)
    filters = mel_filters(sr=sr, n_fft=n_fft, n_mels=n_mels)

    def log_mel(y):
        return _floored_log(_magnitude(y, n_fft, hop_length) @ filters)

    return float(np.mean(np.abs(log_mel(reference) - log_mel(estimate))))


def log_spectral_distance(reference, estimate, *, n_fft: int = 256, hop_length: int = 64) -> float:
    """Root-mean-square difference of log power spectra over frequency, averaged over time, in dB.

    A. H. Gray, J. D. Markel, "Distance measures for speech processing", IEEE Trans. ASSP 24(5), 1976.
    Lower is better. Bins below -80 dB re full scale count as -80 dB.
    """
    reference, estimate = validate.signals(reference, estimate)
    logs = [_floored_log(_magnitude(y, n_fft, hop_length)) for y in (reference, estimate)]
    difference_db = (logs[0] - logs[1]) * (20 / np.log(10))
    return float(np.mean(np.sqrt(np.mean(difference_db**2, axis=-1))))


def spectral_convergence(reference, estimate, *, n_fft: int = 256, hop_length: int = 64) -> float:
    """Frobenius norm of the difference of STFT magnitudes, relative to the reference's. Lower is better.

    N. Sturmel, L. Daudet, "Signal reconstruction from STFT magnitude: a state of the art", DAFx 2011.
    0 for equal magnitudes, 1 for a silent estimate.
    """
    reference, estimate = validate.signals(reference, estimate)
    target, made = (_magnitude(y, n_fft, hop_length) for y in (reference, estimate))
    return float(np.linalg.norm(target - made) / np.linalg.norm(target))


def _magnitude(y: np.ndarray, n_fft: int, hop_length: int) -> np.ndarray:
    """STFT magnitude re full scale, shape (frames, 1 + n_fft // 2), of sound padded to whole hops."""
    padded = np.pad(y, (0, -len(y) % hop_length))
    return np.abs(stft(padded, n_fft=n_fft, hop_length=hop_length)).astype(np.float64) / window_gain(n_fft)


def _floored_log(magnitude: np.ndarray) -> np.ndarray:
    return np.log(np.maximum(magnitude, 10 ** (FLOOR_DB / 20)))
