"""Every metric of one pair of sounds at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from course_lib.evaluation import distortion, intelligibility, signal, spectral, validate
from course_lib.evaluation.intelligibility import MetricUnavailable

# A window of about this many seconds at any rate: 256 samples at 8 kHz, 1024 at 44.1 kHz.
WINDOW_SECONDS = 0.032


@dataclass(frozen=True)
class Metric:
    """How a metric is shown and read.

    Attributes
    ----------
    title : str
        For a table's row.
    unit : str
        "dB", "nepers", or empty.
    higher_is_better : bool
    meaning : str
        A few words to somebody who meets the number for the first time.
    """

    title: str
    unit: str
    higher_is_better: bool
    meaning: str


METRICS = {
    "snr": Metric("SNR", "dB", True, "energy of the sound over that of every difference, a gain included"),
    "segmental_snr": Metric(
        "segmental SNR", "dB", True, "the same in each 30 ms, -10 to 35: quiet parts count"
    ),
    "si_sdr": Metric("SI-SDR", "dB", True, "as SNR, but a gain is forgiven; needs the exact phase"),
    "si_sdr_improvement": Metric("SI-SDR improvement", "dB", True, "what was gained over the mixture"),
    "sdr": Metric("SDR", "dB", True, "BSS Eval: a filter of 512 taps (delay, room, gain) is forgiven"),
    "log_spectral_distance": Metric(
        "log-spectral distance", "dB", False, "how far spectra lie apart; no phase"
    ),
    "log_mel_distance": Metric("log-mel distance", "nepers", False, "the same in the ear's bands"),
    "mel_cepstral_distortion": Metric(
        "mel-cepstral distortion", "dB", False, "only the spectra's shape: no level, little pitch"
    ),
    "spectral_convergence": Metric(
        "spectral convergence", "", False, "error of magnitudes: 0 equal, 1 silence"
    ),
    "stoi": Metric("STOI", "", True, "how much is understood, 0 to 1 (speech)"),
    "estoi": Metric("extended STOI", "", True, "the same where the noise is another voice"),
    "pesq_nb": Metric(
        "PESQ-NB", "", True, "predicted opinion up to 3.4 kHz, 1 bad to 4.5 excellent (speech)"
    ),
    "pesq_wb": Metric("PESQ-WB", "", True, "the same up to 7 kHz; needs 16 kHz"),
}


def spectral_sizes(sr: int) -> dict[str, int]:
    """Window and hop in samples for the spectral metrics: 256 and 64 at 8 kHz, as long at other rates."""
    n_fft = max(64, 2 ** round(np.log2(WINDOW_SECONDS * validate.rate(sr))))
    return {"n_fft": n_fft, "hop_length": n_fft // 4}


def evaluate(reference, estimate, *, sr: int, mixture=None) -> dict[str, Any]:
    """Every metric that applies to one pair of sounds.

    Parameters
    ----------
    reference, estimate : np.ndarray, shape (samples,)
        What was wanted and what came out, equally long, in [-1, 1].
    sr : int
        Sampling rate of all in Hz. PESQ exists at 8000 and 16000 only.
    mixture : np.ndarray, shape (samples,), optional
        What went in: gives the improvement.

    Returns
    -------
    dict
        One entry for each name in :data:`METRICS`, a float, or None when the pair has no such score; and
        ``notes``, which says for each None why. SNR, SI-SDR and SDR may be infinite.

    Raises
    ------
    ValueError
        The pair has no score at all: as :func:`validate.signals`.

    Examples
    --------
    >>> scores = evaluate(clean, denoised, sr=8000, mixture=noisy)
    >>> scores["si_sdr_improvement"], scores["pesq_wb"], scores["notes"]["pesq_wb"]
    (7.3, None, 'wide-band PESQ is defined at 16000 Hz; received 8000: take pesq_nb: ...')
    """
    pair = validate.signals(reference, estimate)
    if mixture is not None:
        validate.signals(reference, mixture, name="mixture")
    sizes = spectral_sizes(sr)

    def improvement(x, y):
        if mixture is None:
            raise ValueError("needs the mixture that went in")
        return signal.si_sdr_improvement(x, y, mixture=mixture)

    scores: dict[str, Callable[..., float]] = {
        "snr": signal.snr,
        "segmental_snr": lambda x, y: signal.segmental_snr(x, y, sr=sr),
        "si_sdr": signal.si_sdr,
        "si_sdr_improvement": improvement,
        "sdr": distortion.sdr,
        "log_spectral_distance": lambda x, y: spectral.log_spectral_distance(x, y, **sizes),
        "log_mel_distance": lambda x, y: spectral.log_mel_distance(x, y, sr=sr, **sizes),
        "mel_cepstral_distortion": lambda x, y: spectral.mel_cepstral_distortion(x, y, sr=sr, **sizes),
        "spectral_convergence": lambda x, y: spectral.spectral_convergence(x, y, **sizes),
        "stoi": lambda x, y: intelligibility.stoi(x, y, sr=sr),
        "estoi": lambda x, y: intelligibility.stoi(x, y, sr=sr, extended=True),
        "pesq_nb": lambda x, y: intelligibility.pesq_nb(x, y, sr=sr),
        "pesq_wb": lambda x, y: intelligibility.pesq_wb(x, y, sr=sr),
    }
    result: dict[str, Any] = {}
    notes: dict[str, str] = {}
    for name in METRICS:
        try:
            result[name] = scores[name](*pair)
        except (ValueError, MetricUnavailable) as reason:
            result[name], notes[name] = None, str(reason)
    return {**result, "notes": notes}
