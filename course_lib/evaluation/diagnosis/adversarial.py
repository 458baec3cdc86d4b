"""What goes wrong between two players: mode collapse, a critic too strong, a critic too weak."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from course_lib.evaluation.diagnosis.curves import percent
from course_lib.evaluation.diagnosis.hysteresis import latched, steady
from course_lib.evaluation.diagnosis.symptom import Symptom

# A class counts as missing when samples that follow the data would show so few of it once in 1,000 times.
RARE = 1e-3
# Spread of samples over spread of real clips, in the same features. Real clips against real clips have 1.
LITTLE_VARIETY, HARDLY_ANY = 0.5, 0.2
MOST_MISSING = 0.5

# Shares of the critic's loss while it knew nothing (the highest of its first rows): 1 is a critic that
# guesses, which is also where a perfect training ends. Lower than 0.9 it gets in its first steps, against
# noise, when it can learn at all.
WON, WON_OVER = 0.1, 0.2
NEVER_LEARNT, WORSE, WORSE_OVER = 0.9, 1.05, 1.0
# Of the distance of sure scores: generated clips are preferred, not merely as good.
PREFERRED = 0.1
# The critic of a sigmoid is sure at 0.9 against 0.1; one without is at scores 6 apart (0.95 against 0.05).
SURE_PROBABILITY, SURE_SCORE = 0.8, 6.0
# The lead changes hands often at first: it must have lasted for five rows and a fifth of all.
PATIENCE, PATIENCE_SHARE, ENOUGH_ROWS, FIRST_ROWS = 5, 0.2, 10, 3


def mode_collapse(
    labels: Sequence[Any],
    classes: Sequence[Any],
    *,
    expected: Sequence[float] | None = None,
    samples: np.ndarray | None = None,
    real: np.ndarray | None = None,
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
        f"The generator has settled on a few sounds: {' and '.join(told)}.",
        "Give the critic a look at variety (larger batch_size, minibatch statistics), lower the generator's "
        "learning rate, or tell the generator which class to make.",
        evidence,
        lab="05",
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


def critic_winning(history: Mapping[str, Sequence[float]]) -> Symptom | None:
    """The critic tells real from made without effort, so it teaches the generator nothing.

    Columns, a row a logged step: ``critic_loss`` and, where there are, ``generator_loss``, ``real_score`` and
    ``fake_score`` (means of the critic's output on real and on generated clips). For a fifth of the training
    the loss has been under a tenth of what it was while the critic guessed (its first rows), or the scores
    have lain as far apart as a sure verdict; over when above a fifth, or when they are nearer by a fifth.
    """
    rows = _rows(history)
    if rows is None:
        return None
    share, between, sure = rows["share"], rows["between"], rows["sure"]
    won = latched(steady(share < WON, rows["patience"]), share > WON_OVER)
    apart = latched(steady(between > sure, rows["patience"]), between < 0.8 * sure)
    if not won and not apart:
        return None
    evidence = _evidence(rows)
    text = [f"its loss is {percent(share[-1])} of a guessing critic's"] if np.isfinite(share[-1]) else []
    if np.isfinite(between[-1]):
        text.append(
            f"it scores real clips {evidence['real_score']:.2g} and made ones {evidence['fake_score']:.2g}"
        )
    return Symptom(
        "critic winning",
        "serious",
        f"The critic has won: {' and '.join(text)}. The generator learns nothing from it any more.",
        "Lower the critic's learning rate, let it make fewer steps for each of the generator's, or restrain "
        "it: spectral normalisation, a hinge loss, noise on its input.",
        evidence,
        lab="05",
    )


def critic_fooled(history: Mapping[str, Sequence[float]]) -> Symptom | None:
    """The critic never learns, or takes made clips for the real ones; columns of :func:`critic_winning`.

    Either its loss has never been under nine tenths of a guessing critic's, or for a fifth of the training it
    was 5 % above that while generated clips had the higher scores (over when below).
    """
    rows = _rows(history)
    if rows is None or not np.isfinite(rows["between"]).all() or not np.isfinite(rows["share"]).all():
        return None
    share, between = rows["share"], rows["between"]
    preferred = (share >= WORSE) & (between <= -PREFERRED * rows["sure"])
    evidence = _evidence(rows)
    if share.min() > NEVER_LEARNT:
        sentence = (
            f"The critic has never learnt to tell real from made: its loss was never under "
            f"{percent(share.min())} of a guessing critic's."
        )
    elif latched(steady(preferred, rows["patience"]), (share < WORSE_OVER) | (between > 0)):
        sentence = (
            f"The critic is fooled: it scores made clips {evidence['fake_score']:.2g} and real ones "
            f"{evidence['real_score']:.2g}, and does worse than by guessing."
        )
    else:
        return None
    return Symptom(
        "critic fooled",
        "warning",
        f"{sentence} The generator learns nothing of value from it.",
        "Give the critic more steps for each of the generator's, a higher learning rate or more width; or "
        "lower the generator's learning rate.",
        evidence,
        lab="05",
    )


def _rows(history: Mapping[str, Sequence[float]]) -> dict[str, Any] | None:
    """The columns of both players where the critic's loss is finite; None where there are too few."""
    if "critic_loss" not in history:
        return None
    loss = np.asarray(history["critic_loss"], float)
    keep = np.isfinite(loss)
    if keep.sum() < ENOUGH_ROWS:
        return None

    def column(name: str) -> np.ndarray:
        values = history.get(name)
        usable = values is not None and len(values) == len(loss)
        return np.asarray(values, float)[keep] if usable else np.full(int(keep.sum()), np.nan)

    real, fake = column("real_score"), column("fake_score")
    scores = np.concatenate([real, fake])
    finite = scores[np.isfinite(scores)]
    bounded = finite.size and finite.min() >= 0 and finite.max() <= 1
    first = float(loss[keep][:FIRST_ROWS].max())
    return {
        # A critic whose loss begins at zero or below (Wasserstein) has no guessing level.
        "share": loss[keep] / first if first > 0 else np.full(int(keep.sum()), np.nan),
        "between": real - fake,
        "sure": SURE_PROBABILITY if bounded else SURE_SCORE,
        "critic_loss": loss[keep],
        "generator_loss": column("generator_loss"),
        "real_score": real,
        "fake_score": fake,
        "guessing_loss": first,
        "patience": max(PATIENCE, round(PATIENCE_SHARE * keep.sum())),
    }


def _evidence(rows: dict[str, Any]) -> dict[str, float]:
    names = ("critic_loss", "generator_loss", "real_score", "fake_score")
    last = {name: float(rows[name][-1]) for name in names if np.isfinite(rows[name][-1])}
    return last | {"guessing_loss": rows["guessing_loss"]}
