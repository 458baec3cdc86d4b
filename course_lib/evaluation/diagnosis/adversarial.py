"""What goes wrong between two players: a critic that wins, that is fooled, that learns by heart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from course_lib.evaluation.diagnosis.hysteresis import latched, steady
from course_lib.evaluation.diagnosis.symptom import Symptom
from course_lib.evaluation.diagnosis.words import percent

# Shares of the critic's loss while it knew nothing (the highest of its first rows): 1 is a critic that
# guesses, which is also where a perfect training ends. Lower than 0.9 it gets in its first steps, against
# noise, when it can learn at all.
WON, WON_OVER = 0.1, 0.2
NEVER_LEARNT, WORSE, WORSE_OVER = 0.9, 1.05, 1.0
# Of the distance of sure scores: generated clips are preferred, not merely as good.
PREFERRED = 0.1
# A sigmoid takes a made clip that scores under -3 for real once in 20 times; it lies three times as deep
# as a hinge wants it. Healthy hinge trainings keep it at -1.3 while the critic's loss is 0.
LOST, LOST_OVER = -3.0, -2.0
FALLEN_BACK = 0.2
# The critic of a sigmoid is sure at 0.9 against 0.1; one without is at scores 6 apart (0.95 against 0.05).
SURE_PROBABILITY, SURE_SCORE = 0.8, 6.0
# Where the critic's score of held-out clips lies between those of real ones (0) and of made ones (1).
# T. Karras et al., "Training generative adversarial networks with limited data", NeurIPS 2020, aim at 0.6.
BY_HEART, BY_HEART_OVER = 0.6, 0.4
# In the first epoch every critic wins, against noise; later the lead changes hands. It must have lasted for
# five epochs and a fifth of all.
PATIENCE, PATIENCE_SHARE, ENOUGH_ROWS, FIRST_ROWS = 5, 0.2, 10, 3


def critic_winning(history: Mapping[str, Sequence[float]]) -> Symptom | None:
    """The critic tells real from made without effort, and the generator falls back.

    Columns: ``epoch``, ``critic_loss`` and, where there are, ``generator_loss``, ``real_score`` and
    ``fake_score`` (means of the critic's output on real and on generated clips). For a fifth of the training
    the critic's loss has been under a tenth of what it was while it guessed, in its first rows (over when
    above a fifth). That alone is a note: a critic with a margin rests as soon as it is kept. It is serious
    when made clips score far below that margin, or the generator's loss has risen meanwhile.
    """
    rows = _rows(history)
    if rows is None:
        return None
    ahead = latched(steady(rows["share"] < WON, rows["patience"]), rows["share"] > WON_OVER)
    if not ahead and not _sure(rows):
        return None
    evidence = _evidence(rows)
    text = [f"its loss is {percent(rows['share'][-1])} of a guessing critic's"] if ahead else []
    if np.isfinite(rows["between"][-1]):
        text.append(
            f"it scores real clips {evidence['real_score']:.2g} and made ones {evidence['fake_score']:.2g}"
        )
    facts = " and ".join(text)
    if not (_sure(rows) or _lost(rows) or _falls_back(rows)):
        sentence = (
            f"The critic is far ahead: {facts}. The generator holds its ground: listen to the newest rung."
        )
        return Symptom("critic ahead", "note", sentence, "", evidence, lab="05")
    return Symptom(
        "critic winning",
        "serious",
        f"The critic has won: {facts}. The generator falls back and learns little from it any more.",
        "Lower critic_rate or critic_steps, take loss=hinge, or set augment=true: what the critic sees "
        "varied it cannot learn by heart.",
        evidence,
        lab="05",
    )


def _sure(rows: dict[str, Any]) -> bool:
    """Of scores that are probabilities: nine in ten on either side."""
    between = rows["between"]
    return rows["bounded"] and latched(
        steady(between > SURE_PROBABILITY, rows["patience"]), between < 0.8 * SURE_PROBABILITY
    )


def _lost(rows: dict[str, Any]) -> bool:
    fake = _settled(rows["fake_score"])
    return latched(steady(fake < LOST, rows["patience"]), fake > LOST_OVER)


def _falls_back(rows: dict[str, Any]) -> bool:
    """The generator's loss has grown over the time that the critic's has been low."""
    loss = rows["generator_loss"][-max(2 * rows["patience"], len(rows["share"]) // 2) :]
    part = len(loss) // 3
    before, now = np.median(loss[:part]), np.median(loss[-part:])
    return bool(now - before > FALLEN_BACK * max(1.0, abs(before)))


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
        "Raise critic_rate, critic_steps or critic_width.",
        evidence,
        lab="05",
    )


def critic_by_heart(history: Mapping[str, Sequence[float]]) -> Symptom | None:
    """The critic knows its training clips: it takes held-out real ones (``val_real_score``) for made ones.

    Other columns as of :func:`critic_winning`. The held-out score has lain nearer to the made clips' than to
    the training clips' for five measurements (at 0.6 of the way; over when below 0.4).
    """
    columns = [
        np.asarray(history.get(name, ()), float) for name in ("real_score", "fake_score", "val_real_score")
    ]
    if len({len(column) for column in columns}) > 1 or not len(columns[0]):
        return None
    real, fake, held_out = (column[np.isfinite(columns).all(axis=0)] for column in columns)
    between = real - fake
    known = between > PREFERRED * (SURE_PROBABILITY if _bounded(real, fake) else SURE_SCORE)
    part = np.where(known, (real - held_out) / np.where(known, between, 1.0), 0.0)
    if not latched(steady(part >= BY_HEART, PATIENCE), part < BY_HEART_OVER):
        return None
    evidence = {
        "real_score": float(real[-1]),
        "held_out_score": float(held_out[-1]),
        "fake_score": float(fake[-1]),
    }
    return Symptom(
        "critic overfitting",
        "warning",
        f"The critic knows its clips by heart: it scores them {real[-1]:.2g}, real clips that it has never "
        f"seen {held_out[-1]:.2g}, and made ones {fake[-1]:.2g}.",
        "Set augment=true, train on more clips, or lower critic_width.",
        evidence | {"part": float(part[-1])},
        lab="05",
    )


def _rows(history: Mapping[str, Sequence[float]]) -> dict[str, Any] | None:
    """The columns of both players where the critic's loss is finite; None where there are too few."""
    if "critic_loss" not in history:
        return None
    loss = np.asarray(history["critic_loss"], float)
    known = np.isfinite(loss)
    keep = known & (np.asarray(history.get("epoch", np.ones(len(loss))), float)[: len(loss)] >= 1)
    if keep.sum() < ENOUGH_ROWS:
        return None

    def column(name: str) -> np.ndarray:
        values = history.get(name)
        usable = values is not None and len(values) == len(loss)
        return np.asarray(values, float)[keep] if usable else np.full(int(keep.sum()), np.nan)

    real, fake = column("real_score"), column("fake_score")
    first = float(loss[known][:FIRST_ROWS].max())
    return {
        # A critic whose loss begins at zero or below (Wasserstein) has no guessing level.
        "share": _settled(loss[keep]) / first if first > 0 else np.full(int(keep.sum()), np.nan),
        "between": real - fake,
        "bounded": _bounded(real, fake),
        "sure": SURE_PROBABILITY if _bounded(real, fake) else SURE_SCORE,
        "critic_loss": loss[keep],
        "generator_loss": column("generator_loss"),
        "real_score": real,
        "fake_score": fake,
        "guessing_loss": first,
        "patience": max(PATIENCE, round(PATIENCE_SHARE * keep.sum())),
    }


def _settled(column: np.ndarray) -> np.ndarray:
    """The median of each value and the two before it: one wild epoch, of which games have many, is none."""
    padded = np.concatenate([column[:1], column[:1], column])
    return np.median(np.stack([padded[:-2], padded[1:-1], padded[2:]]), axis=0)


def _bounded(real: np.ndarray, fake: np.ndarray) -> bool:
    """Whether the scores look like probabilities."""
    scores = np.concatenate([real, fake])
    scores = scores[np.isfinite(scores)]
    return bool(scores.size) and bool(scores.min() >= 0 and scores.max() <= 1)


def _evidence(rows: dict[str, Any]) -> dict[str, float]:
    names = ("critic_loss", "generator_loss", "real_score", "fake_score")
    last = {name: float(rows[name][-1]) for name in names if np.isfinite(rows[name][-1])}
    return last | {"guessing_loss": rows["guessing_loss"]}
