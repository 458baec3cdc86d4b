"""Two published models of a listener: how much is understood, and how good it sounds."""

from __future__ import annotations

import importlib.util
import warnings

import numpy as np

from course_lib.evaluation import validate

# STOI looks at 30 frames of 12.8 ms at 10 kHz, after it has removed the silent ones.
STOI_MIN_SECONDS = 0.4
STOI_UNDEFINED = 1e-5
# P.862 is defined from a quarter of a second; long inputs overrun the reference code's table of utterances.
PESQ_MIN_SECONDS, PESQ_MAX_SECONDS = 0.25, 60.0
PESQ_RATES = (8000, 16000)
PESQ_MISSING = "n/a (pip install pesq)"


class MetricUnavailable(RuntimeError):
    """A metric whose optional package is not installed; the message says how to get it."""


def stoi(reference, estimate, *, sr: int) -> float:
    """Short-time objective intelligibility, about 0 to 1. Higher is better.

    C. H. Taal, R. C. Hendriks, R. Heusdens, J. Jensen, "An algorithm for intelligibility prediction of
    time-frequency weighted noisy speech", IEEE TASLP 19(7), 2011; computed by ``pystoi``. It compares
    envelopes in 15 third-octave bands over stretches of 384 ms, so a single short digit has no score.

    Parameters
    ----------
    reference, estimate : np.ndarray, shape (samples,)
        The clean speech and the one to judge.
    sr : int
        Sampling rate in Hz; both are resampled to 10 kHz inside.

    Raises
    ------
    ValueError
        As :func:`validate.signals`; less than 0.4 s, or less than that of speech once pauses are removed.
    """
    from pystoi import stoi as pystoi

    reference, estimate = validate.signals(reference, estimate)
    advice = "concatenate clips into strings of several words (evaluation.strings)"
    seconds = len(reference) / sr
    if seconds < STOI_MIN_SECONDS:
        raise ValueError(f"STOI needs at least {STOI_MIN_SECONDS} s; received {seconds:.2f} s: {advice}")
    with warnings.catch_warnings():
        # pystoi warns and returns 1e-5, which a mean would swallow without a sound.
        warnings.simplefilter("ignore", RuntimeWarning)
        value = float(pystoi(reference, estimate, sr))
    if value == STOI_UNDEFINED:
        raise ValueError(
            f"less than {STOI_MIN_SECONDS} s of the {seconds:.2f} s are speech, too little for STOI: {advice}"
        )
    return value


def has_pesq() -> bool:
    """Whether the optional package ``pesq`` is installed."""
    return importlib.util.find_spec("pesq") is not None


def pesq_nb(reference, estimate, *, sr: int) -> float:
    """Narrow-band PESQ as a mean opinion score, 1.02 to 4.55. Higher is better.

    ITU-T P.862 (2001) with the mapping of P.862.1. The level and the delay of the estimate do not count.

    Parameters
    ----------
    reference, estimate : np.ndarray, shape (samples,)
        The clean speech and the one to judge, 0.25 to 60 s.
    sr : int
        8000 or 16000 Hz.

    Raises
    ------
    MetricUnavailable
        The optional package ``pesq`` is missing.
    ValueError
        As :func:`validate.signals`; another rate or length; a silent estimate; no speech found.
    """
    reference, estimate = validate.signals(reference, estimate)
    if sr not in PESQ_RATES:
        raise ValueError(f"PESQ is defined at 8000 and 16000 Hz; received {sr}: resample both sounds")
    seconds = len(reference) / sr
    if not PESQ_MIN_SECONDS <= seconds <= PESQ_MAX_SECONDS:
        raise ValueError(
            f"PESQ needs {PESQ_MIN_SECONDS} to {PESQ_MAX_SECONDS:.0f} s; received {seconds:.2f} s"
        )
    if not np.any(estimate):
        raise ValueError("the estimate is silent: PESQ has no score for it")
    if not has_pesq():
        raise MetricUnavailable(
            "PESQ needs the optional package pesq, which wants a C compiler: pip install pesq"
        )
    import pesq

    try:
        # The wrapper divides both by their common peak: scale each alike so that float32 loses nothing.
        return float(pesq.pesq(sr, reference, estimate, "nb"))
    except pesq.NoUtterancesError as error:
        raise ValueError("PESQ found no speech in one of the sounds; it needs a spoken word") from error
