"""The clips of a run as features, and the few that its previews play."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from course_lib.audio.representation import Representation, from_config
from course_lib.audio.scaling import BandScaling
from course_lib.data.clips import Clips
from course_lib.training.errors import RunError

MAX_VALIDATION = 300
PREVIEW_CLIPS = 3
# Their vowels and consonants differ most to the ear: seven, three, zero first.
PREVIEW_LABELS = (7, 3, 0, 5, 9, 1, 8, 2, 6, 4)


@dataclass(frozen=True, eq=False)
class TrainingData:
    """Everything a training reads.

    Attributes
    ----------
    representation : Representation
        Fitted on the training clips.
    train, held_out : np.ndarray, shape (clips, frames, bands), float32
        Features; ``held_out`` is a fixed subset of the test clips.
    train_labels, held_out_labels : np.ndarray, shape (clips,), int64
        Class of each.
    train_speakers, held_out_speakers : np.ndarray, shape (clips,), text
        Who speaks.
    classes : tuple of str
        Their names, by class number.
    previews : Clips
        A few test clips of distinct digits.
    facts : dict
        What ``config.json`` records of it.
    """

    representation: Representation
    train: np.ndarray
    held_out: np.ndarray
    train_labels: np.ndarray
    held_out_labels: np.ndarray
    train_speakers: np.ndarray
    held_out_speakers: np.ndarray
    classes: tuple[str, ...]
    previews: Clips
    facts: dict[str, Any]


@dataclass(frozen=True, eq=False)
class TrainingClips:
    """The clips of a run, before anything is encoded.

    Attributes
    ----------
    every : Clips
        The whole data set.
    train, held_out : Clips
        ``held_out`` is a fixed subset of the test clips.
    previews : Clips
        A few test clips of distinct digits.
    classes : tuple of str
        Names of the labels.
    facts : dict
        What ``config.json`` records of it.
    """

    every: Clips
    train: Clips
    held_out: Clips
    previews: Clips
    classes: tuple[str, ...]
    facts: dict[str, Any]


def load_training_clips(
    config: dict[str, Any], *, divide: Callable[[Clips], tuple[Clips, Clips]] | None = None
) -> TrainingClips:
    """Load and split what a run's ``config.json`` names.

    Parameters
    ----------
    divide : callable, optional
        Clips -> (train, test), in place of the data set's own split and of speakers held out.

    Raises
    ------
    RunError
        The data set is no longer the one that the run began with.
    ValueError, FileNotFoundError
        As :func:`course_lib.data.catalog.load`.
    """
    from course_lib.data import catalog
    from course_lib.data.splits import split

    wanted = config["dataset"]
    clips = catalog.load(wanted["name"])
    if wanted.get("sha256") not in (None, clips.sha256):
        raise RunError(
            f"the data set {wanted['name']} has changed since this run began: its hash is "
            f"{clips.sha256[:12]}, the run has {wanted['sha256'][:12]}; start a new run"
        )
    train, test = split(clips, wanted.get("holdout") or None) if divide is None else divide(clips)
    limit = config.get("limit_clips")
    train = subset(train, limit)
    held_out = subset(test, min(MAX_VALIDATION, limit or MAX_VALIDATION))
    classes = tuple(catalog.get(wanted["name"]).labels)
    facts = {
        "dataset": wanted | {"sha256": clips.sha256, "train": len(train), "test": len(test)},
        "classes": list(classes),
        "validation": {"clips": len(held_out), "of": len(test)},
    }
    return TrainingClips(clips, train, held_out, choose_previews(test), classes, facts)


def load_training_data(
    config: dict[str, Any], *, representation: dict[str, Any] | None = None
) -> TrainingData:
    """Load, split and encode what a run's ``config.json`` names.

    Parameters
    ----------
    representation : dict, optional
        What a run encodes by that has not begun yet, as a ``config`` without scaling; log-mel when None.

    Raises
    ------
    RunError, ValueError, FileNotFoundError
        As :func:`load_training_clips`.
    """
    clips = load_training_clips(config)
    fitted, train_features, held_out_features = encode_split(
        clips.every,
        clips.train,
        clips.held_out,
        config.get("representation"),
        cached=config.get("limit_clips") is None,
        unfitted=representation,
    )
    return TrainingData(
        representation=fitted,
        train=train_features,
        held_out=held_out_features,
        train_labels=clips.train.label,
        held_out_labels=clips.held_out.label,
        train_speakers=clips.train.speaker,
        held_out_speakers=clips.held_out.speaker,
        classes=clips.classes,
        previews=clips.previews,
        facts=clips.facts | {"representation": fitted.config},
    )


def encode_split(
    clips: Clips,
    train: Clips,
    held_out: Clips,
    config: dict[str, Any] | None,
    *,
    cached: bool = True,
    unfitted: dict[str, Any] | None = None,
) -> tuple[Representation, np.ndarray, np.ndarray]:
    """The representation, fitted on ``train`` unless ``config`` has it, and both sides' features.

    The features of all ``clips`` are kept on disk unscaled, so every split, and every training after the
    first, finds them there; the numbers are those of encoding anew.

    Parameters
    ----------
    train, held_out : Clips
        Selections of ``clips``.
    config : dict, optional
        A representation's ``config``, with its scaling if it has one; None fits ``unfitted``.
    cached : bool
        False encodes these two anew: for a few clips of many.
    unfitted : dict, optional
        ``config`` of what is fitted on ``train``; the default log-mel when None.
    """
    if config is None:
        from course_lib.audio.log_mel_spectrogram import LogMelSpectrogram

        sizes = {"sr": clips.sr, "n_samples": clips.y.shape[1]}
        plain = LogMelSpectrogram(**sizes) if unfitted is None else from_config(unfitted | sizes)
    else:
        plain = from_config({name: config[name] for name in config if name not in ("mean", "scale")})
    if not cached:
        fitted = plain.fit(train.y) if config is None else from_config(config)
        return fitted, fitted.encode(train.y), fitted.encode(held_out.y)
    from course_lib.data.array_source import ArraySource
    from course_lib.data.features import cached_features, read_rows

    features = cached_features(ArraySource(clips.y, sr=clips.sr), plain)
    row_of = {name: row for row, name in enumerate(clips.name)}
    sides = [read_rows(features, [row_of[name] for name in side.name]) for side in (train, held_out)]
    if config is None:
        scaling = BandScaling.fit(sides[0])
        config = plain.config | {"mean": list(scaling.mean), "scale": scaling.scale}
    if config.get("mean") is not None:
        for side in sides:
            scaled = side[..., : len(config["mean"])]
            scaled -= np.asarray(config["mean"], np.float32)
            scaled /= np.float32(config["scale"])
    return from_config(config), sides[0], sides[1]


def subset(clips: Clips, limit: int | None) -> Clips:
    """At most ``limit`` clips, always the same ones, in their order."""
    if limit is None or len(clips) <= limit:
        return clips
    return clips.select(np.sort(np.random.default_rng(0).permutation(len(clips))[:limit]))


def choose_previews(clips: Clips, count: int = PREVIEW_CLIPS) -> Clips:
    """``count`` clips of distinct digits, of different speakers as far as there are any; always the same."""
    speakers = sorted(set(clips.speaker.tolist()))
    chosen: list[int] = []
    for label in PREVIEW_LABELS:
        rows = np.flatnonzero(clips.label == label)
        if not rows.size:
            continue
        # Spread over the speakers: neighbours in the alphabet are often variants of one voice.
        wanted = speakers[len(chosen) * len(speakers) // count]
        own = rows[clips.speaker[rows] == wanted]
        chosen.append(int((own if own.size else rows)[0]))
        if len(chosen) == count:
            break
    return clips.select(np.array(chosen))
