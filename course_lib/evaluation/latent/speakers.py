"""Probes that ask about voices: is a word read from a new one, and is the voice itself in the latent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from course_lib.evaluation.intervals import wilson_interval
from course_lib.evaluation.latent.probe import linear_probe, per_speaker

# FSDD's official test.
TEST_TAKES = (0, 1, 2, 3, 4)


def probe_by_speaker(z, labels, speakers, groups: Sequence[Sequence[str]] | None = None) -> dict[str, Any]:
    """Read labels from the latents of speakers that the probe has never met, each held out in turn.

    Each fold trains :func:`linear_probe` on everybody else. The encoder is not trained again: held out from
    it too are only those speakers that its own training left out.

    Parameters
    ----------
    z : np.ndarray, shape (clips, ...)
        Latents.
    labels, speakers : np.ndarray, shape (clips,)
        What to read, and who speaks.
    groups : sequence of sequence of str, optional
        Speakers that are held out together, to save time where there are many. Every speaker is in one
        group. By default each makes his own.

    Returns
    -------
    dict
        ``accuracy`` over all clips with ``low`` and ``high`` (Wilson), ``by_speaker``, ``over_speakers``
        (mean, low and high by Student over speakers: the interval to quote for a new voice), ``chance``,
        ``train_accuracy`` (mean over folds), ``clips``, ``folds``, ``hit`` (one a clip), ``labels`` and
        ``confusion`` (rows are the truth).

    Raises
    ------
    ValueError
        As :func:`linear_probe`; one speaker only, or groups that do not hold each speaker once.
    """
    labels, speakers = np.asarray(labels), np.asarray(speakers).astype(str)
    z = np.asarray(z)
    if not labels.shape == speakers.shape == (len(z),):
        raise ValueError(
            f"expected one label and one speaker a clip; received {len(z)} latents, labels {labels.shape} "
            f"and speakers {speakers.shape}"
        )
    known = np.unique(speakers).tolist()
    groups = [[name] for name in known] if groups is None else [list(group) for group in groups]
    named = sorted(name for group in groups for name in group)
    if named != known or len(groups) < 2:
        raise ValueError(
            f"expected two groups or more that hold each of {', '.join(known)} once; received {groups}"
        )
    hit = np.zeros(len(z), bool)
    every = np.unique(labels)
    confusion = np.zeros((len(every), len(every)), np.int64)
    chance, learnt = 0.0, []
    for group in groups:
        test = np.isin(speakers, group)
        fold = linear_probe(
            z[~test],
            labels[~test],
            z[test],
            labels[test],
            speakers_train=speakers[~test],
            speakers_test=speakers[test],
        )
        hit[test] = fold["hit"]
        place = np.searchsorted(every, fold["labels"])
        confusion[np.ix_(place, place)] += fold["confusion"]
        chance += fold["chance"] * fold["clips"] / len(z)
        learnt.append(fold["train_accuracy"])
    low, high = wilson_interval(int(hit.sum()), len(hit))
    return {
        "accuracy": float(hit.mean()),
        "low": low,
        "high": high,
        "train_accuracy": float(np.mean(learnt)),
        "chance": float(chance),
        "clips": len(hit),
        "folds": len(groups),
        "hit": hit,
        "labels": every.tolist(),
        "confusion": confusion,
        **per_speaker(hit, speakers),
    }


def speaker_probe(z, speakers, takes, *, test_takes: Sequence[int] = TEST_TAKES) -> dict[str, Any]:
    """Who speaks, read from the latent: trained on some takes of every speaker, tested on the others.

    The voice must be on both sides here, so the split goes by takes. High where a latent keeps the voice,
    at ``chance`` where it keeps the word alone. Which of the two is wanted depends on the model.

    Parameters
    ----------
    z : np.ndarray, shape (clips, ...)
        Latents.
    speakers : np.ndarray, shape (clips,)
        Who speaks.
    takes : np.ndarray, shape (clips,), integers
        Number of the repetition.
    test_takes : sequence of int
        Takes that test; by default FSDD's official ones, 0 to 4.

    Returns
    -------
    dict
        As :func:`linear_probe`: ``chance`` is the score of always naming the speaker with most clips.

    Raises
    ------
    ValueError
        As :func:`linear_probe`; no take on one of the sides.
    """
    z, speakers, takes = np.asarray(z), np.asarray(speakers).astype(str), np.asarray(takes)
    if not speakers.shape == takes.shape == (len(z),):
        raise ValueError(
            f"expected one speaker and one take a clip; received {len(z)} latents, speakers "
            f"{speakers.shape} and takes {takes.shape}"
        )
    test = np.isin(takes, list(test_takes))
    if test.all() or not test.any():
        raise ValueError(
            f"takes {sorted(set(test_takes))} leave nothing to {'train' if test.all() else 'test'} on; "
            f"the clips have takes {np.unique(takes).tolist()}: choose some of these as test_takes"
        )
    return linear_probe(z[~test], speakers[~test], z[test], speakers[test])
