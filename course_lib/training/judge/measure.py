"""What a judge can do: numbers for its card, and what its confidence is worth."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from course_lib.data.clips import Clips
from course_lib.evaluation.judgement import agreement
from course_lib.models.judge import Judge, answers
from course_lib.training.judge.material import Examples, no_digits

DIGITS = tuple(range(10))
# Sounds without a digit in the card's test: another seed than in training.
OTHER_SEED = 1_000
KINDS = ("silence", "steady noise", "bursts of noise", "a tone")


def score(probabilities: np.ndarray, label: np.ndarray) -> dict[str, Any]:
    """What the card keeps of :func:`course_lib.evaluation.judgement.agreement`, rounded."""
    result = agreement(label, probabilities, classes=DIGITS)
    numbers = {name: round(result[name], 4) for name in ("agreement", "low", "high", "calibration_error")}
    by_class = {str(digit): round(row["agreement"], 4) for digit, row in result["by_class"].items() if row}
    return numbers | {
        "clips": result["clips"],
        "by_class": by_class,
        "confusion": result["confusion"].tolist(),
        "most_confused": result["most_confused"],
    }


def probabilities(network: keras.Model, examples: Examples) -> np.ndarray:
    """At temperature 1, shape (clips, classes)."""
    return answers(network, examples.features)[1]


def fit_temperature(probabilities: np.ndarray, label: np.ndarray) -> float:
    """The divisor of the logits under which these labels are likeliest (C. Guo et al., ICML 2017).

    Parameters
    ----------
    probabilities : np.ndarray, shape (clips, classes)
        At temperature 1, of clips that the training left out.
    """
    from scipy.optimize import minimize_scalar

    log = np.log(np.maximum(probabilities.astype(np.float64), 1e-30))

    def surprise(log_temperature: float) -> float:
        scaled = log / np.exp(log_temperature)
        scaled -= scaled.max(axis=1, keepdims=True)
        total = np.log(np.exp(scaled).sum(axis=1))
        return float(np.mean(total - scaled[np.arange(len(label)), label]))

    return float(np.exp(minimize_scalar(surprise, bounds=(-2.0, 2.0), method="bounded").x))


def at_temperature(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """Probabilities of temperature 1 as they are at another one."""
    power = np.maximum(probabilities.astype(np.float64), 1e-30) ** (1 / temperature)
    return power / power.sum(axis=1, keepdims=True)


def on_no_digits(judge: Judge, test: Clips, *, count: int = 200) -> dict[str, float]:
    """Mean of the largest probability where no digit is spoken; 0.1 says "I cannot tell".

    Sounds like those of the training, and two kinds that it never heard: digits played backwards, and
    notes of instruments.
    """
    from course_lib.data import catalog

    sounds = no_digits(count, seed=OTHER_SEED)
    heard = {kind: sounds[place :: len(KINDS)] for place, kind in enumerate(KINDS)}
    heard["digits played backwards"] = np.ascontiguousarray(test.y[:count, ::-1])
    notes = catalog.load("notes")
    heard["notes"] = notes.y[:: max(1, len(notes) // count)][:count, : test.y.shape[1]]
    return {kind: round(float(judge.probabilities(y).max(axis=1).mean()), 4) for kind, y in heard.items()}
