"""What goes wrong with what a model makes from nothing: it always makes the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from course_lib.evaluation.diagnosis.symptom import Symptom
from course_lib.evaluation.diagnosis.words import percent

# A class counts as missing when samples that follow the data would show so few of it once in 1,000 times.
RARE = 1e-3
# Spread of samples over spread of real clips, in the same features. Real clips against real clips have 1.
LITTLE_VARIETY, HARDLY_ANY = 0.5, 0.2
MOST_MISSING = 0.5
WITH_CRITIC = (
    "Let the critic see how much the clips of a batch differ (compare=true, a larger batch_size), lower "
    "learning_rate, or tell the generator which class to make (conditional_gan)."
)
FROM_LATENT = (
    "Train longer. If all samples sound alike, lower beta; if some classes never come out, draw latents from "
    "where those of the clips lie, not from the whole prior."
)


def mode_collapse(
    labels: Sequence[Any],
    classes: Sequence[Any],
    *,
    expected: Sequence[float] | None = None,
    samples: np.ndarray | None = None,
    real: np.ndarray | None = None,
    adversarial: bool = True,
) -> Symptom | None:
    """Classes that the model never makes, or samples that are all alike.

    Parameters
    ----------
    labels : sequence, length samples
        What a judge hears in each sample; may be empty when ``samples`` and ``real`` are given.
    classes : sequence
        All that there is to be made.
    expected : sequence of float, optional
        Share of each class in the data; equal by default.
    samples, real : np.ndarray, shape (samples, features) and (clips, features), optional
        Generated and real clips in the same features: their spreads are compared.
    adversarial : bool
        Made by a generator with a critic: other remedies hold than for draws from a latent.
    """
    missing, evidence = _missing(list(labels), list(classes), expected)
    variety = None
    if samples is not None and real is not None:
        variety = evidence["variety"] = _variety(samples) / max(_variety(real), 1e-12)
    alike = variety is not None and variety < LITTLE_VARIETY
    if not missing and not alike:
        return None
    told = []
    if missing:
        names = ", ".join(str(name) for name in missing)
        told.append(f"of {len(classes)} classes {len(missing)} never come out ({names})")
    if alike:
        told.append(f"samples differ by {percent(variety)} of what real clips differ")
    much = len(missing) >= MOST_MISSING * len(classes) or (alike and variety < HARDLY_ANY)
    return Symptom(
        "mode collapse",
        "serious" if much else "warning",
        f"The model makes only a few of the sounds: {' and '.join(told)}.",
        WITH_CRITIC if adversarial else FROM_LATENT,
        evidence,
        lab="05" if adversarial else "04",
    )


def _missing(labels: list, classes: list, expected) -> tuple[list, dict[str, Any]]:
    if not labels:
        return [], {}
    from scipy.stats import binom

    count = np.array([labels.count(name) for name in classes])
    share = np.full(len(classes), 1 / len(classes)) if expected is None else np.asarray(expected, float)
    # The chance of so few, over all classes that could be missing.
    rare = binom.cdf(count, len(labels), share / share.sum()) < RARE / len(classes)
    heard = count[count > 0] / count.sum() if count.any() else np.ones(1)
    evidence = {
        "samples": len(labels),
        "counts": {str(name): int(n) for name, n in zip(classes, count, strict=True)},
        "effective_classes": float(np.exp(-(heard * np.log(heard)).sum())),
    }
    missing = [name for name, lost in zip(classes, rare, strict=True) if lost]
    return missing, evidence | {"missing": [str(name) for name in missing]}


def _variety(x) -> float:
    """Root of the mean squared distance to the mean; in high dimensions as good as all pairs."""
    x = np.asarray(x, np.float64).reshape(len(x), -1)
    return float(np.sqrt(((x - x.mean(axis=0)) ** 2).sum(axis=1).mean()))
