"""Many pairs of sounds through the metrics of speech, and what a table says of many scores."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from course_lib.evaluation.intelligibility import has_pesq, pesq_nb, stoi
from course_lib.evaluation.signal import si_sdr


def score_speech(
    reference: Sequence[np.ndarray], estimate: Sequence[np.ndarray], *, sr: int, workers: int = 1
) -> dict[str, np.ndarray]:
    """PESQ-NB, STOI and SI-SDR of each pair.

    Parameters
    ----------
    reference, estimate : sequences of np.ndarray, each of shape (samples,)
        Strings of speech, pairwise equally long.
    sr : int
        8000 or 16000 Hz.
    workers : int
        Processes; one second of speech costs about 10 ms, and starting processes about two seconds.

    Returns
    -------
    dict of str to np.ndarray, shape (pairs,), float64
        ``pesq_nb`` (NaN without the package, and for a silent estimate), ``stoi``, ``si_sdr`` in dB.

    Raises
    ------
    ValueError
        As the metrics; another number of estimates than of references.
    """
    pairs = list(zip(reference, estimate, strict=True))
    if workers == 1:
        scores = [_score(*pair, sr) for pair in pairs]
    else:
        from joblib import Parallel, delayed

        # joblib's processes are started afresh: a fork of one that holds a backend would hang.
        scores = Parallel(n_jobs=workers)(delayed(_score)(*pair, sr) for pair in pairs)
    columns = np.array(scores, np.float64).reshape(-1, 3).T
    return dict(zip(("pesq_nb", "stoi", "si_sdr"), columns, strict=True))


def mean_and_error(values) -> tuple[float | None, float | None]:
    """Mean and its standard error; None for what is not a finite number, as JSON wants it.

    One score has no error; a score that is NaN or infinite makes the mean meaningless.
    """
    values = np.asarray(values, np.float64)
    if not len(values) or not np.isfinite(values).all():
        return None, None
    error = float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else None
    return float(values.mean()), error


def summary(columns: dict[str, np.ndarray], chosen=slice(None)) -> dict[str, float | None]:
    """``<metric>`` and ``<metric>_se`` of every column, over the chosen places."""
    row: dict[str, float | None] = {}
    for metric, values in columns.items():
        row[metric], row[f"{metric}_se"] = mean_and_error(values[chosen])
    return row


def _score(reference: np.ndarray, estimate: np.ndarray, sr: int) -> tuple[float, float, float]:
    heard = has_pesq() and np.any(estimate)
    quality = pesq_nb(reference, estimate, sr=sr) if heard else np.nan
    return quality, stoi(reference, estimate, sr=sr), si_sdr(reference, estimate)
