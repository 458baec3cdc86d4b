"""Two people at once: pairs of clips, mixed, with what a separation needs to know and should return."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from course_lib.audio.mixing import mix, shift
from course_lib.data.clips import Clips


@dataclass(frozen=True, eq=False)
class Mixtures:
    """Mixtures of two clips. Index 0 of a pair is the target, 1 the other.

    Attributes
    ----------
    mixture : np.ndarray, shape (mixtures, n_samples), float32
        May leave [-1, 1].
    sources : np.ndarray, shape (mixtures, 2, n_samples), float32
        Both as they are in the mixture: their sum is the mixture.
    label : np.ndarray, shape (mixtures, 2), int64
        The digits, always different: ``label[:, 0]`` is the condition that asks for the target.
    speaker : np.ndarray, shape (mixtures, 2), str
        Always different.
    name : np.ndarray, shape (mixtures, 2), str
        File names.
    snr_db : np.ndarray, shape (mixtures,), float64
        Energy of the target over that of the other.
    offset : np.ndarray, shape (mixtures, 2), int64
        Samples by which each was moved later.
    sr : int
        Sampling rate in Hz.
    dataset, sha256 : str
        As in :class:`Clips`.
    """

    mixture: np.ndarray
    sources: np.ndarray
    label: np.ndarray
    speaker: np.ndarray
    name: np.ndarray
    snr_db: np.ndarray
    offset: np.ndarray
    sr: int
    dataset: str
    sha256: str

    def __len__(self) -> int:
        return len(self.mixture)


def draw_pairs(label, speaker, count: int, *, rng: np.random.Generator) -> np.ndarray:
    """Choose pairs of clips that differ in speaker and in digit.

    Parameters
    ----------
    label, speaker : np.ndarray, shape (clips,)
        The digit and the speaker of each clip.
    count : int
        Pairs wanted.

    Returns
    -------
    np.ndarray, shape (count, 2), int64
        Indices of target and other. Every digit is the target equally often (to one), and a clip is a
        target again only when all of its digit have been.

    Raises
    ------
    ValueError
        Only one speaker or one digit, or a digit that only one speaker's clips could answer.
    """
    label, speaker = np.asarray(label), np.asarray(speaker)
    if label.ndim != 1 or label.shape != speaker.shape:
        raise ValueError(f"expected a label and a speaker a clip; received {label.shape} and {speaker.shape}")
    if count < 0:
        raise ValueError(f"count must be at least 0; received {count}")
    for what, values in (("speakers", speaker), ("digits", label)):
        if len(np.unique(values)) < 2:
            raise ValueError(f"a mixture takes two different {what}; received {np.unique(values).tolist()}")
    targets = _take_turns(label, count, rng=rng)
    pairs = np.empty((count, 2), np.int64)
    for row, target in enumerate(targets):
        others = np.flatnonzero((speaker != speaker[target]) & (label != label[target]))
        if not len(others):
            raise ValueError(f"no clip by somebody else with another digit than {label[target]}")
        pairs[row] = target, others[rng.integers(len(others))]
    return pairs


def _take_turns(label: np.ndarray, count: int, *, rng: np.random.Generator) -> list[int]:
    """Indices of clips: digits in shuffled rounds, each digit's clips in shuffled turns."""
    digits = np.unique(label)
    turns: dict[int, list[int]] = {int(digit): [] for digit in digits}
    chosen: list[int] = []
    while len(chosen) < count:
        for digit in rng.permutation(digits)[: count - len(chosen)]:
            turn = turns[int(digit)]
            if not turn:
                turn.extend(rng.permutation(np.flatnonzero(label == digit)).tolist())
            chosen.append(turn.pop())
    return chosen


def mix_pairs(clips: Clips, pairs, *, snr_db, place) -> Mixtures:
    """Mix the given pairs.

    Parameters
    ----------
    pairs : np.ndarray, shape (mixtures, 2)
        Indices into ``clips``, target and other.
    snr_db : float or np.ndarray, shape (mixtures,)
        Exact ratio of the energies, in dB.
    place : float or np.ndarray, shape (mixtures,)
        -1 to 1. 0: both words begin together. Above 0 the other, below 0 the target comes later by this
        share of the room behind it, so that no word is ever cut.

    Raises
    ------
    ValueError
        A clip paired with its own speaker, a place or a ratio out of range.
    """
    pairs = np.asarray(pairs, np.int64).reshape(-1, 2)
    snr_db = np.broadcast_to(np.asarray(snr_db, np.float64), len(pairs))
    place = np.broadcast_to(np.asarray(place, np.float64), len(pairs))
    if not (np.abs(place) <= 1).all():
        raise ValueError("place must lie between -1 and 1; received values outside")
    speaker = clips.speaker[pairs]
    if (speaker[:, 0] == speaker[:, 1]).any():
        raise ValueError("a mixture takes two different speakers; received a pair by one")
    room = clips.y.shape[1] - clips.length[pairs]
    offset = np.floor(np.stack([np.maximum(-place, 0), np.maximum(place, 0)], axis=1) * room).astype(np.int64)
    mixture = np.empty((len(pairs), clips.y.shape[1]), np.float32)
    sources = np.empty((len(pairs), 2, clips.y.shape[1]), np.float32)
    for row, pair in enumerate(pairs):
        moved = [
            shift(clips.y[clip], samples=int(late)) for clip, late in zip(pair, offset[row], strict=True)
        ]
        mixture[row], sources[row] = mix(*moved, snr_db=float(snr_db[row]), sr=clips.sr)
    return Mixtures(
        mixture=mixture,
        sources=sources,
        label=clips.label[pairs],
        speaker=speaker,
        name=np.array(clips.name)[pairs],
        snr_db=snr_db.copy(),
        offset=offset,
        sr=clips.sr,
        dataset=clips.dataset,
        sha256=clips.sha256,
    )


def random_mixtures(
    clips: Clips,
    count: int,
    *,
    rng: np.random.Generator,
    snr_db: float | tuple[float, float] = (-5.0, 5.0),
    aligned: bool = False,
) -> Mixtures:
    """Fresh mixtures for a training: random pairs, ratios (uniform between two bounds) and places.

    Draw from the training split only; the same generator state gives the same mixtures. ``aligned`` makes
    both words begin together.
    """
    pairs = draw_pairs(clips.label, clips.speaker, count, rng=rng)
    low, high = (snr_db, snr_db) if np.isscalar(snr_db) else snr_db
    place = rng.uniform(-1, 1, size=count)
    return mix_pairs(clips, pairs, snr_db=rng.uniform(low, high, size=count), place=0.0 if aligned else place)
