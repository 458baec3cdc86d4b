"""Leakage: what is on both sides of a split and makes its held-out numbers too good."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from course_lib.evaluation.diagnosis.recordings import SAME_RECORDING, nearest_recordings
from course_lib.evaluation.diagnosis.symptom import Symptom

# Named in a sentence; the evidence lists more.
NAMED, LISTED = 2, 20
REMEDY = (
    "Split by recording, before anything is varied or cut: all that comes from one recording, or better from "
    "one speaker, belongs to one side. Start the training anew; its held-out numbers cannot be mended."
)


def shared_recordings(
    train: np.ndarray,
    test: np.ndarray,
    *,
    train_names: Sequence[str],
    test_names: Sequence[str],
    sr: int = 8000,
    similar: bool = True,
    designed: bool = False,
) -> Symptom | None:
    """Held-out clips that are training clips too, as they are or at another level, place or speed.

    Parameters
    ----------
    train, test : np.ndarray, shape (clips, samples)
        Both sides.
    train_names, test_names : sequence of str
        For the sentence; a name on both sides counts as one recording.
    similar : bool
        False looks only for equal samples and equal names.
    designed : bool
        The split is the data set's own and has the same speakers or instruments on both sides: variants of
        one recording are then a note, equal clips are not.
    """
    by_content = {_hash(clip): name for clip, name in zip(train, train_names, strict=True)}
    by_name = set(train_names)
    equal, left = [], []
    for row, (clip, name) in enumerate(zip(test, test_names, strict=True)):
        twin = by_content.get(_hash(clip), name if name in by_name else None)
        if twin is None:
            left.append(row)
        else:
            equal.append({"held_out": str(name), "training": str(twin), "correlation": 1.0})
    varied = []
    if similar and left:
        index, correlation = nearest_recordings(np.asarray(test)[left], np.asarray(train), sr=sr)
        for row, twin, found in zip(left, index, correlation, strict=True):
            if found >= SAME_RECORDING:
                pair = {"held_out": str(test_names[row]), "training": str(train_names[twin])}
                varied.append(pair | {"correlation": round(float(found), 4)})
    pairs = equal + sorted(varied, key=lambda pair: -pair["correlation"])
    if not pairs:
        return None
    kinds = [f"{len(equal)} unchanged"] if equal else []
    kinds += [f"{len(varied)} at another level, place or speed"] if varied else []
    examples = ", ".join(f"{pair['held_out']} is {pair['training']}" for pair in pairs[:NAMED])
    sentence = (
        f"{len(pairs)} of {len(test)} held-out clips come from recordings that the network also trains on "
        f"({' and '.join(kinds)}): {examples}{', ...' if len(pairs) > NAMED else ''}."
    )
    evidence = {
        "shared": len(pairs),
        "equal": len(equal),
        "held_out_clips": len(test),
        "pairs": pairs[:LISTED],
    }
    if designed and not equal:
        return Symptom("leakage between splits", "note", sentence, "", evidence, lab="01")
    return Symptom("leakage between splits", "serious", sentence, REMEDY, evidence, lab="01")


def _hash(clip: np.ndarray) -> bytes:
    return hashlib.sha256(np.ascontiguousarray(clip, np.float32).tobytes()).digest()


def shared_speakers(
    train: Sequence[str], test: Sequence[str], *, held_out: Sequence[str] | None = None
) -> Symptom | None:
    """Speakers on both sides of the split.

    Parameters
    ----------
    train, test : sequence of str
        Who speaks, or which instrument plays, in each clip.
    held_out : sequence of str, optional
        Speakers whom the run claims to keep out of its training: they must not be in it.
    """
    both = sorted({str(name) for name in train} & {str(name) for name in test})
    broken = sorted({str(name) for name in train} & {str(name) for name in held_out or ()})
    evidence = {"speakers": (broken or both)[:LISTED], "held_out": [str(name) for name in held_out or ()]}
    if broken:
        return Symptom(
            "leakage between splits",
            "serious",
            f"The run holds out {', '.join(broken)}, whose voice is in its training clips all the same.",
            REMEDY,
            evidence | {"clips": int(np.isin(np.asarray(train).astype(str), broken).sum())},
            lab="01",
        )
    if not both:
        return None
    if len(both) == len({str(name) for name in test}):
        who = "Everybody in the held-out clips"
    else:
        who = f"{len(both)} of those in the held-out clips"
    return Symptom(
        "voices on both sides",
        "note",
        f"{who} ({', '.join(both[:NAMED])}{', ...' if len(both) > NAMED else ''}) is in the training clips "
        "too: the held-out numbers say nothing about new voices. Hold speakers out to ask about those.",
        "",
        evidence,
        lab="01",
    )
