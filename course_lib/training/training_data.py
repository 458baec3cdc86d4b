"""The clips of a run as features, and the few that its previews play."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from course_lib.audio.representation import Representation, from_config
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
    previews : Clips
        A few test clips of distinct digits.
    facts : dict
        What ``config.json`` records of it.
    """

    representation: Representation
    train: np.ndarray
    held_out: np.ndarray
    previews: Clips
    facts: dict[str, Any]


def load_training_data(config: dict[str, Any]) -> TrainingData:
    """Load, split and encode what a run's ``config.json`` names.

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
    train, test = split(clips, wanted.get("holdout") or None)
    limit = config.get("limit_clips")
    train = _subset(train, limit)
    held_out = _subset(test, min(MAX_VALIDATION, limit or MAX_VALIDATION))
    if config.get("representation"):
        representation = from_config(config["representation"])
    else:
        from course_lib.audio.log_mel_spectrogram import LogMelSpectrogram

        representation = LogMelSpectrogram(sr=clips.sr, n_samples=clips.y.shape[1]).fit(train.y)
    facts = {
        "dataset": wanted | {"sha256": clips.sha256, "train": len(train), "test": len(test)},
        "validation": {"clips": len(held_out), "of": len(test)},
        "representation": representation.config,
    }
    return TrainingData(
        representation=representation,
        train=representation.encode(train.y),
        held_out=representation.encode(held_out.y),
        previews=choose_previews(test),
        facts=facts,
    )


def _subset(clips: Clips, limit: int | None) -> Clips:
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
