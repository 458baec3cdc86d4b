"""What a judge's probabilities say about clips of which one knows what they should be.

The judge itself (:mod:`course_lib.models.judge`) is not needed here: arrays in, numbers and sentences out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from course_lib.evaluation.intervals import wilson_interval


def agreement(asked, probabilities, *, classes: Sequence[int] | None = None) -> dict[str, Any]:
    """How often the judge's first choice is what was asked for (or, for real clips, what was said).

    Parameters
    ----------
    asked : np.ndarray, shape (clips,)
        The class that each clip should be.
    probabilities : np.ndarray, shape (clips, classes)
        Rows sum to 1.
    classes : sequence, optional
        What the columns stand for; 0, 1, 2 ... without it.

    Returns
    -------
    dict
        ``agreement``, ``low`` and ``high`` (95 % Wilson interval), ``agreed`` and ``clips`` (counts),
        ``by_class`` (class -> its agreement and interval, or None where none was asked for), ``confidence``
        (mean of the largest probability), ``calibration_error`` (see :func:`calibration_error`),
        ``confusion`` (classes, classes; rows are what was asked), ``classes`` and ``most_confused``
        (a sentence).

    Raises
    ------
    ValueError
        Shapes that do not fit, rows that do not sum to 1, an unknown class, or no clip.
    """
    column, probabilities, classes = _checked(asked, probabilities, classes)
    chosen = probabilities.argmax(axis=1)
    confusion = np.zeros((len(classes), len(classes)), np.int64)
    np.add.at(confusion, (column, chosen), 1)
    agreed = int(np.trace(confusion))
    low, high = wilson_interval(agreed, len(column))
    return {
        "agreement": agreed / len(column),
        "low": low,
        "high": high,
        "agreed": agreed,
        "clips": len(column),
        "by_class": {name: _share(row[place], row.sum()) for place, (name, row) in _rows(classes, confusion)},
        "confidence": float(probabilities.max(axis=1).mean()),
        "calibration_error": calibration_error(asked, probabilities, classes=classes),
        "confusion": confusion,
        "classes": classes,
        "most_confused": most_confused(confusion, classes=classes),
    }


def calibration_error(asked, probabilities, *, classes: Sequence[int] | None = None, bins: int = 15) -> float:
    """Expected calibration error: how far a judge's confidence lies from how often it is right, in [0, 1].

    Clips in ``bins`` equal steps of the largest probability; the mean of |accuracy - confidence| over the
    clips. C. Guo et al., "On calibration of modern neural networks", ICML 2017. Below some hundred clips
    it is mostly chance.
    """
    if bins < 1:
        raise ValueError(f"bins must be at least 1; received {bins}")
    column, probabilities, _ = _checked(asked, probabilities, classes)
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == column
    # A step includes its upper end: a confidence of exactly 1 is in the last.
    step = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)
    gap = np.bincount(step, weights=right - confidence, minlength=bins)
    return float(np.abs(gap).sum() / len(column))


def most_confused(confusion, *, classes: Sequence[int] | None = None) -> str:
    """The commonest mistake of a confusion matrix, shape (classes, classes), rows asked, in one sentence."""
    confusion = np.asarray(confusion)
    if confusion.ndim != 2 or confusion.shape[0] != confusion.shape[1] or confusion.shape[0] < 2:
        raise ValueError(f"expected a square confusion matrix; received shape {confusion.shape}")
    classes = _classes(classes, len(confusion))
    # As a share of what was asked: a rare class must not hide behind a common one.
    mistakes = confusion / np.maximum(confusion.sum(axis=1, keepdims=True), 1)
    np.fill_diagonal(mistakes, 0)
    asked, heard = np.unravel_index(int(mistakes.argmax()), mistakes.shape)
    if not mistakes[asked, heard] > 0:
        return "every clip was heard as what was asked for"
    share = 100 * mistakes[asked, heard]
    return (
        f"{classes[asked]} is most often mistaken: heard as {classes[heard]} in "
        f"{confusion[asked, heard]} of {confusion[asked].sum()} clips ({share:.0f} %)"
    )


def _rows(classes, confusion):
    return enumerate(zip(classes, confusion, strict=True))


def _share(agreed: int, total: int) -> dict[str, Any] | None:
    if not total:
        return None
    low, high = wilson_interval(int(agreed), int(total))
    return {"agreement": float(agreed / total), "low": low, "high": high, "clips": int(total)}


def _classes(classes, count: int) -> list:
    names = list(range(count)) if classes is None else [getattr(c, "item", lambda c=c: c)() for c in classes]
    if len(names) != count or len(set(names)) != count:
        raise ValueError(f"expected {count} distinct classes; received {names}")
    return names


def _checked(asked, probabilities, classes) -> tuple[np.ndarray, np.ndarray, list]:
    asked, probabilities = np.asarray(asked), np.asarray(probabilities, np.float64)
    if probabilities.ndim != 2 or asked.shape != (len(probabilities),) or not len(asked):
        raise ValueError(
            "expected probabilities of shape (clips, classes) with one asked class a clip; "
            f"received {probabilities.shape} and {asked.shape}"
        )
    if not np.allclose(probabilities.sum(axis=1), 1, atol=1e-3) or not (probabilities >= 0).all():
        raise ValueError("each row of probabilities must be non-negative and sum to 1; give no logits")
    names = _classes(classes, probabilities.shape[1])
    place = {name: column for column, name in enumerate(names)}
    unknown = sorted(set(asked.tolist()) - set(names))
    if unknown:
        raise ValueError(f"asked for {unknown}, but the judge knows {names}")
    return np.array([place[name] for name in asked.tolist()]), probabilities, names
