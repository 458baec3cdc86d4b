"""The scoreboard of a generator: its clips beside real ones, and beside what costs nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from course_lib.evaluation.generation.bins import BINS, CLIPS_PER_BIN
from course_lib.evaluation.generation.frechet import MOST_FEATURES
from course_lib.evaluation.generation.manifold import K_DENSITY, K_PRECISION
from course_lib.evaluation.generation.novelty import memorisation
from course_lib.evaluation.generation.rows import LIMITS, LOWER_IS_BETTER, Side, with_intervals
from course_lib.evaluation.generation.splitting import equal_parts
from course_lib.evaluation.generation.variety import missing_classes
from course_lib.evaluation.judgement import agreement
from course_lib.evaluation.share import share

CEILING, SHUFFLED, MEAN = "real", "shuffled", "mean"
# What a clip is worth by itself is least where nothing in it fits; everything else where all clips are one.
BY_SHUFFLED = frozenset({"precision", "density", "agreement"})
# Against what real clips score: the course's bars are put this way.
COMPARED = ("is", "mis", "frechet")


def evaluate(
    real_probabilities,
    real_features,
    fake_probabilities,
    fake_features,
    *,
    asked=None,
    real_labels=None,
    train_features=None,
    held_out_features=None,
    noise=None,
    bins: int = BINS,
    splits: int = 5,
    resamples: int = 100,
    seed: int = 0,
    on_row: Callable[[str], None] | None = None,
) -> dict[str, Any]:
    """Score generated clips beside real clips (the ceiling) and two floors made of them.

    Everything is compared at equal numbers of clips: the real ones are halved, and as many generated ones as
    one half holds are set against the first half, just as the second half is. Repeated for ``splits``
    random halvings and averaged.

    Parameters
    ----------
    real_probabilities, fake_probabilities : np.ndarray, shape (clips, classes)
        A judge's. Real clips are best ones that neither the generator nor the judge was trained on.
    real_features, fake_features : np.ndarray, shape (clips, features)
        The same judge's, at most 64; of the same clips in the same order.
    asked : np.ndarray, shape (generated clips,), integers, optional
        The class that each generated clip was asked to be.
    real_labels : np.ndarray, shape (real clips,), integers, optional
        True classes: the judge's accuracy is the ceiling of agreement.
    train_features, held_out_features : np.ndarray, shape (clips, features), optional
        The generator's training clips and real clips that it has not heard: asks for memorisation.
    noise : pair of np.ndarray, optional
        Probabilities and features of another floor, such as an untrained generator's clips.
    bins : int
        Of :func:`ndb`; fewer are taken where half the real clips would not fill them.
    splits, resamples : int
        Halvings that are averaged; bootstrap resamples of the clips of the first for the intervals (random
        halves of them for scores made of neighbours and bins).
    on_row : callable, optional
        Told the name of each row before it is computed.

    Returns
    -------
    dict
        ``rows``: ``model``, ``real`` (ceiling), ``noise`` when given, and two floors: ``shuffled`` (each
        feature from another real clip; the floor of precision, density and, with the classes dealt out
        anew, agreement) and ``mean`` (the mean of real clips, over and over; the floor of all else). Each
        has ``is`` (in halves), ``mis`` (all pairs), ``mis_within`` (pairs of one heard class), ``am``
        (nats), ``frechet``, ``ndb`` (share of bins), ``precision``, ``recall``, ``density``, ``coverage``
        and ``agreement``, each with ``_low`` and ``_high`` (95 %, None for floors) and ``_share`` (of the
        way from floor to ceiling; None where it means nothing); ``is_to_real``, ``mis_to_real`` and
        ``frechet_to_real``, ratios to the row of real clips; ``nearest`` (mean distance to a training clip)
        and ``nearest_to_real`` (over that of held-out clips), ``nearer`` and ``copies`` as
        :func:`memorisation`; ``missing_classes``, how many. What was not asked for is None. ``judgement``:
        :func:`judgement.agreement` of the model; ``protocol`` and ``settings``.

    Raises
    ------
    ValueError
        As the scores themselves, in one place; only one of training and held-out features.
    """
    model = Side(fake_probabilities, fake_features, name="generated")
    real = Side(real_probabilities, real_features, name="real")
    sides = {"model": model, CEILING: real}
    if noise is not None:
        sides["noise"] = Side(*noise, name="noise")
    if (train_features is None) != (held_out_features is None):
        raise ValueError("give both training and held-out features, or neither: one is measured by the other")
    clips = min(len(real) // 2, *(len(side) for side in sides.values()))
    bins = _check(sides, clips, bins)
    sides |= {SHUFFLED: real.shuffled(np.random.default_rng(seed)), MEAN: real.mean()}

    rows: dict[str, dict[str, Any]] = {}
    for name, side in sides.items():
        if on_row is not None:
            on_row(name)
        # The row of real clips is the other half; every other row is cut to as many clips.
        halves = [
            (
                real.select(one[:clips]),
                real.select(other[:clips]) if side is real else side.select(made[:clips]),
            )
            for one, other, made in equal_parts(len(real), len(side), splits=splits, seed=seed)
        ]
        drawn = 0 if name in (SHUFFLED, MEAN) else resamples
        rows[name] = with_intervals(halves, bins=bins, resamples=drawn, seed=seed)
        rows[name]["missing_classes"] = len(missing_classes(real.probabilities, side.probabilities))
    judgement = _agreement(rows, model, real, asked, real_labels)
    _novelty(rows, sides, train_features, held_out_features, resamples, seed)
    _compare(rows)
    settings = {
        "real": len(real),
        "generated": len(model),
        "clips": clips,
        "classes": real.probabilities.shape[1],
        "features": real.features.shape[1],
        "bins": bins,
        "splits": splits,
        "resamples": resamples,
        "seed": seed,
    }
    return {"rows": rows, "judgement": judgement, "protocol": _protocol(settings), "settings": settings}


def _check(sides: dict[str, Side], clips: int, bins: int) -> int:
    """The number of bins that fit; ValueError for sides of different sizes or too few clips."""
    classes = {name: side.probabilities.shape[1] for name, side in sides.items()}
    sizes = {name: side.features.shape[1] for name, side in sides.items()}
    if len(set(classes.values())) > 1 or len(set(sizes.values())) > 1:
        raise ValueError(f"every side needs one judge's classes and features; received {classes} and {sizes}")
    size = sizes[CEILING]
    least = max(size + 1, 2 * CLIPS_PER_BIN)
    if size > MOST_FEATURES or clips < least:
        received = {name: len(side) for name, side in sides.items()}
        raise ValueError(
            f"expected at most {MOST_FEATURES} features and, for {size} of them, {2 * least} real clips and "
            f"{least} of the others; received {received} clips: give more clips or fewer features"
        )
    return max(2, min(bins, clips // CLIPS_PER_BIN))


def _agreement(rows, model: Side, real: Side, asked, real_labels) -> dict[str, Any] | None:
    keys = ("agreement", "agreement_low", "agreement_high")
    for row in rows.values():
        row |= dict.fromkeys(keys)
    if asked is None:
        return None
    found = agreement(asked, model.probabilities)
    rows["model"] |= dict(zip(keys, (found["agreement"], found["low"], found["high"]), strict=True))
    # What these clips would score on average with the classes dealt out anew.
    asked_for, heard = found["confusion"].sum(axis=1), found["confusion"].sum(axis=0)
    rows[SHUFFLED]["agreement"] = float(asked_for @ heard) / len(model) ** 2
    if real_labels is not None:
        truth = agreement(real_labels, real.probabilities)
        rows[CEILING] |= dict(zip(keys, (truth["agreement"], truth["low"], truth["high"]), strict=True))
    return found


def _novelty(rows, sides: dict[str, Side], train, held_out, resamples: int, seed: int) -> None:
    for name, row in rows.items():
        row |= dict.fromkeys(("nearest", "nearest_to_real", "nearest_to_real_low", "nearest_to_real_high"))
        row |= dict.fromkeys(("nearer", "copies"))
        if train is None:
            continue
        made = held_out if name == CEILING else sides[name].features
        found = memorisation(train, held_out, made, resamples=resamples, seed=seed)
        row |= {
            "nearest": found["nearest"],
            "nearest_to_real": found["ratio"],
            "nearest_to_real_low": found["low"],
            "nearest_to_real_high": found["high"],
            "nearer": found["nearer"],
            "copies": found["copies"],
        }


def _compare(rows: dict[str, dict[str, Any]]) -> None:
    """Adds shares of the way from floor to ceiling and ratios to the ceiling."""
    metrics = (*LIMITS, "agreement")
    for row in rows.values():
        for metric in metrics:
            row[f"{metric}_share"] = share(
                row[metric],
                floor=rows[SHUFFLED if metric in BY_SHUFFLED else MEAN][metric],
                ceiling=rows[CEILING][metric],
                lower_is_better=metric in LOWER_IS_BETTER,
            )
        for metric in COMPARED:
            best = rows[CEILING][metric]
            row[f"{metric}_to_real"] = row[metric] / best if best > 0 else None


def _protocol(settings: dict[str, Any]) -> str:
    return (
        f"{settings['generated']} generated against {settings['real']} real clips by one judge's "
        f"{settings['classes']} probabilities and {settings['features']} features, always "
        f"{settings['clips']} at a time on either side, averaged over {settings['splits']} random halvings; "
        "'real' compares the two halves of the real clips; 'shuffled' are real clips whose features are "
        "dealt out anew one by one, 'mean' is the mean real clip over and over. IS in halves, mIS over all "
        "pairs, "
        f"precision and recall with k = {K_PRECISION}, density and coverage with k = {K_DENSITY}, NDB in "
        f"{settings['bins']} bins. Intervals hold 95 % of bootstrap resamples of one halving; agreement's is "
        "Wilson's."
    )
