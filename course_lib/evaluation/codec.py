"""Strings of digits through the files of a codec: what comes out, and what it costs."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from course_lib.evaluation.scoring import mean_and_error

Code = Callable[[np.ndarray, np.ndarray, np.ndarray, int], tuple[np.ndarray, int]]


def through_files(
    code: Code, features: np.ndarray, clips, order: Sequence[np.ndarray], *, gap_seconds: float
) -> tuple[np.ndarray, dict[str, float | None]]:
    """Code each string as one recording.

    Parameters
    ----------
    code : callable
        ``(features (words, frames, bands), begin (words,), end (words,), samples) -> (features, bytes)``:
        the words of one string through a file, and the file's size. ``begin`` and ``end`` are where each
        word lies in the string, in samples, and ``samples`` is the string's length.
    features : np.ndarray, shape (clips, frames, bands)
        Of all clips.
    clips : Clips
        Their lengths and rate.
    order : sequence of index arrays
        Which clips make each string: :func:`course_lib.evaluation.strings.arrange`.
    gap_seconds : float
        Silence after each word.

    Returns
    -------
    coded : np.ndarray, shape (clips, frames, bands)
        What comes out, zeros for clips in no string.
    cost : dict
        ``kbit_s``, kilobits for a second of a string, all bytes of its file counted; its standard error
        ``kbit_s_se``; ``bytes``, of a file in the mean.

    Raises
    ------
    ValueError
        ``code`` changes the shape.
    """
    gap = round(gap_seconds * clips.sr)
    coded = np.zeros_like(features)
    sizes, rates = [], []
    for members in order:
        length = np.asarray(clips.length[members])
        end = np.cumsum(length + gap) - gap
        samples = int(end[-1]) + gap
        made, size = code(features[members], end - length, end, samples)
        if made.shape != features[members].shape:
            raise ValueError(f"code must keep the shape {features[members].shape}; it gives {made.shape}")
        coded[members] = made
        sizes.append(size)
        rates.append(8 * size / (samples / clips.sr) / 1000)
    rate, error = mean_and_error(rates)
    return coded, {"kbit_s": rate, "kbit_s_se": error, "bytes": float(np.mean(sizes))}
