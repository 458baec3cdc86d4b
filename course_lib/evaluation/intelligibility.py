"""Two published models of a listener: how much is understood, and how good it sounds."""

from __future__ import annotations

import importlib.util
import warnings
from contextlib import contextmanager

import numpy as np

from course_lib.evaluation import validate

# STOI looks at 30 frames of 12.8 ms at 10 kHz, after it has removed the silent ones.
STOI_MIN_SECONDS = 0.4
STOI_UNDEFINED = 1e-5
# P.862 is defined from a quarter of a second; long inputs overrun the reference code's table of utterances.
PESQ_MIN_SECONDS, PESQ_MAX_SECONDS = 0.25, 60.0
PESQ_RATES = (8000, 16000)
PESQ_WB_RATE = 16000
PESQ_MISSING = "n/a (pip install pesq)"


class MetricUnavailable(RuntimeError):
    """A metric whose optional package is not installed; the message says how to get it."""


def stoi(reference, estimate, *, sr: int, extended: bool = False) -> float:
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
    extended : bool
        Extended STOI, which also looks at how the bands move together and so copes with noise that comes and
        goes, such as another voice: J. Jensen, C. H. Taal, "An algorithm for predicting the intelligibility
        of speech masked by modulated noise maskers", IEEE/ACM TASLP 24(11), 2016. Never put it in one column
        with plain STOI: it is lower.

    Raises
    ------
    ValueError
        As :func:`validate.signals`; less than 0.4 s, or less than that of speech once pauses are removed.
    """
    from pystoi import stoi as pystoi

    reference, estimate = validate.signals(reference, estimate)
    advice = "concatenate clips into strings of several words (evaluation.strings)"
    seconds = len(reference) / validate.rate(sr)
    if seconds < STOI_MIN_SECONDS:
        raise ValueError(f"STOI needs at least {STOI_MIN_SECONDS} s; received {seconds:.2f} s: {advice}")
    if extended and not np.any(estimate):
        raise ValueError("the estimate is silent: extended STOI, a correlation, has no score for it")
    with warnings.catch_warnings(), _repeatable():
        # pystoi warns and returns 1e-5, which a mean would swallow without a sound.
        warnings.simplefilter("ignore", RuntimeWarning)
        value = float(pystoi(reference, estimate, sr, extended=extended))
    if value == STOI_UNDEFINED:
        raise ValueError(
            f"less than {STOI_MIN_SECONDS} s of the {seconds:.2f} s are speech, too little for STOI: {advice}"
        )
    return value


@contextmanager
def _repeatable():
    """NumPy's global generator, from which pystoi draws, at a fixed state; afterwards as it was."""
    before = np.random.get_state()  # noqa: NPY002
    np.random.seed(0)  # noqa: NPY002
    try:
        yield
    finally:
        np.random.set_state(before)  # noqa: NPY002


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
    if sr not in PESQ_RATES:
        raise ValueError(f"PESQ is defined at 8000 and 16000 Hz; received {sr}: resample both sounds")
    return _pesq(reference, estimate, sr, "nb")


def pesq_wb(reference, estimate, *, sr: int) -> float:
    """Wide-band PESQ as a mean opinion score, 1.04 to 4.64. Higher is better.

    ITU-T P.862.2 (2005): the whole band up to 7 kHz is judged, so the number of one and the same sound is
    lower than narrow-band PESQ; never compare the two.

    Parameters
    ----------
    reference, estimate : np.ndarray, shape (samples,)
        The clean speech and the one to judge, 0.25 to 60 s.
    sr : int
        16000 Hz.

    Raises
    ------
    MetricUnavailable, ValueError
        As :func:`pesq_nb`.
    """
    if sr != PESQ_WB_RATE:
        hint = "take pesq_nb: there is nothing above 4 kHz" if sr == 8000 else "resample both sounds"
        raise ValueError(f"wide-band PESQ is defined at {PESQ_WB_RATE} Hz; received {sr}: {hint}")
    return _pesq(reference, estimate, sr, "wb")


def _pesq(reference, estimate, sr: int, band: str) -> float:
    reference, estimate = validate.signals(reference, estimate)
    seconds = len(reference) / sr
    if not PESQ_MIN_SECONDS <= seconds <= PESQ_MAX_SECONDS:
        remedy = "join several words" if seconds < PESQ_MIN_SECONDS else "score it in parts"
        raise ValueError(
            f"PESQ needs {PESQ_MIN_SECONDS} to {PESQ_MAX_SECONDS:.0f} s; received {seconds:.2f} s: {remedy}"
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
        value = float(pesq.pesq(sr, reference, estimate, band))
    except pesq.NoUtterancesError as error:
        raise ValueError("PESQ found no speech in one of the sounds; it needs a spoken word") from error
    if not np.isfinite(value):
        raise ValueError("PESQ came to no number for these sounds; it needs a spoken word in both")
    return value
