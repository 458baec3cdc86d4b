"""Distances between short-time spectra: deaf to phase, like much of hearing."""

from __future__ import annotations

import numpy as np
import scipy.fft

from course_lib.audio.mel import mel_filters
from course_lib.audio.stft import stft, window_gain
from course_lib.evaluation import validate
from course_lib.evaluation.time_warping import align

FLOOR_DB = -80.0
# Nepers (of a magnitude) in dB.
DB_PER_NEPER = 20 / np.log(10)


def log_mel_distance(
    reference, estimate, *, sr: int, n_fft: int = 256, hop_length: int = 64, n_mels: int = 64
) -> float:
    """Mean absolute difference of log-mel spectra, in nepers (natural log). Lower is better.

    J. Kong, J. Kim, J. Bae, "HiFi-GAN: generative adversarial networks for efficient and high fidelity speech
    synthesis", NeurIPS 2020, made it the usual loss of a vocoder. 1 neper is 8.7 dB. Bands below -80 dB re
    full scale count as -80 dB.

    Parameters
    ----------
    reference, estimate : np.ndarray, shape (samples,)
        Sounds in [-1, 1]; the end is padded with zeros to a whole number of hops.
    """
    reference, estimate = validate.signals(reference, estimate)
    sizes = {"sr": sr, "n_fft": n_fft, "hop_length": hop_length, "n_mels": n_mels}
    return float(np.mean(np.abs(_log_mel(reference, **sizes) - _log_mel(estimate, **sizes))))


def mel_cepstral_distortion(
    reference,
    estimate,
    *,
    sr: int,
    n_fft: int = 256,
    hop_length: int = 64,
    n_mels: int = 64,
    n_coefficients: int = 13,
    dtw: bool = False,
) -> float:
    """Mean distance of mel cepstra c1, c2, ... in dB; the level, c0, does not count. Lower is better.

    R. F. Kubichek, "Mel-cepstral distance measure for objective speech quality assessment", IEEE Pacific Rim
    Conference on Communications, Computers and Signal Processing, 1993:
    ``10 sqrt(2) / ln 10 * sqrt(sum_d (c_d - c'_d) ** 2)``, averaged over frames. The cepstra are those of the
    formula's derivation, ``log |S| = c0 + sum_d c_d cos(d w)`` over the mel axis, so that with all
    coefficients it is exactly the root-mean-square difference of two log-mel spectra in dB. Cepstra of other
    scaling, such as librosa's MFCC, give other numbers: compare scores of one implementation only.

    Parameters
    ----------
    reference, estimate : np.ndarray, shape (samples,)
        Sounds in [-1, 1]. With ``dtw`` they may differ in length.
    n_coefficients : int
        Coefficients compared, c1 to this one; less than ``n_mels``. 13 is the usual number.
    dtw : bool
        Align the frames in time first, by dynamic time warping of the cepstra: for sounds that say the same
        at another pace, such as synthesised speech. The mean is then over the steps of the path.

    Raises
    ------
    ValueError
        As :func:`validate.signals`; too many coefficients; with ``dtw``, sounds of more than 4,000 frames.
    """
    reference, estimate = validate.signals(reference, estimate, same_length=not dtw)
    if not 1 <= n_coefficients < n_mels:
        raise ValueError(
            f"n_coefficients must lie between 1 and n_mels - 1 = {n_mels - 1}; received {n_coefficients}"
        )
    sizes = {"sr": sr, "n_fft": n_fft, "hop_length": hop_length, "n_mels": n_mels}
    target, made = (_cepstra(_log_mel(y, **sizes), n_coefficients) for y in (reference, estimate))
    if dtw:
        rows, columns = align(target, made)
        target, made = target[rows], made[columns]
    return float(DB_PER_NEPER / np.sqrt(2) * np.mean(np.linalg.norm(target - made, axis=1)))


def log_spectral_distance(reference, estimate, *, n_fft: int = 256, hop_length: int = 64) -> float:
    """Root-mean-square difference of log power spectra over frequency, averaged over time, in dB.

    A. H. Gray, J. D. Markel, "Distance measures for speech processing", IEEE Trans. ASSP 24(5), 1976.
    Lower is better. Bins below -80 dB re full scale count as -80 dB.
    """
    reference, estimate = validate.signals(reference, estimate)
    logs = [_floored_log(_magnitude(y, n_fft, hop_length)) for y in (reference, estimate)]
    difference_db = (logs[0] - logs[1]) * DB_PER_NEPER
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
    if n_fft < 4 or n_fft % 2:
        raise ValueError(f"n_fft must be an even number from 4; received {n_fft}")
    if not 1 <= hop_length <= n_fft:
        raise ValueError(f"hop_length must lie between 1 and n_fft = {n_fft}; received {hop_length}")
    padded = np.pad(y, (0, -len(y) % hop_length))
    return np.abs(stft(padded, n_fft=n_fft, hop_length=hop_length)).astype(np.float64) / window_gain(n_fft)


def _floored_log(magnitude: np.ndarray) -> np.ndarray:
    return np.log(np.maximum(magnitude, 10 ** (FLOOR_DB / 20)))


def _log_mel(y: np.ndarray, *, sr: int, n_fft: int, hop_length: int, n_mels: int) -> np.ndarray:
    """Log-mel magnitudes in nepers re full scale, shape (frames, n_mels)."""
    filters = mel_filters(sr=validate.rate(sr), n_fft=n_fft, n_mels=n_mels)
    return _floored_log(_magnitude(y, n_fft, hop_length) @ filters)


def _cepstra(log_mel: np.ndarray, n_coefficients: int) -> np.ndarray:
    """c1 to c_n of ``log_mel = c0 + sum_d c_d cos(d w)``, shape (frames, n_coefficients)."""
    cosines = scipy.fft.dct(log_mel, type=2, axis=1) / log_mel.shape[1]
    return cosines[:, 1 : n_coefficients + 1]
