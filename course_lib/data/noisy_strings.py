"""Ten digits in a row under noise: long enough for STOI and PESQ, which a single digit is not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from course_lib.audio.degrade import degrade
from course_lib.audio.mixing import join
from course_lib.data.clips import Clips


@dataclass(frozen=True, eq=False)
class NoisyString:
    """One string of digits by one speaker.

    Attributes
    ----------
    clean, noisy : np.ndarray, shape (samples,), float32
        The target and what a denoiser gets; ``noisy`` may leave [-1, 1].
    label : np.ndarray, shape (digits,), int64
        What is said.
    speaker : str
    name : list of str
        File names, in order.
    kind : str
        The noise, a key of ``course_lib.audio.degrade.DEGRADATIONS``.
    snr_db : float
        Energy of the string over that of the noise.
    sr : int
        Sampling rate in Hz.
    """

    clean: np.ndarray
    noisy: np.ndarray
    label: np.ndarray
    speaker: str
    name: list[str]
    kind: str
    snr_db: float
    sr: int


def talkers(
    clips: Clips, *, without: str, voices: int = 6, words: int = 12, rng: np.random.Generator
) -> list[np.ndarray]:
    """Voices for babble: each says random words without pause, and none of them is ``without``.

    Speakers take turns; with fewer than ``voices`` others, one speaks more than once, other words each time.

    Returns
    -------
    list of np.ndarray, each of shape (samples,), float32
    """
    others = sorted(set(clips.speaker.tolist()) - {without})
    if not others:
        raise ValueError(f"babble takes somebody other than {without}; these clips have nobody else")
    first = rng.permutation(len(others))
    sounds = []
    for voice in range(voices):
        own = np.flatnonzero(clips.speaker == others[first[voice % len(others)]])
        said = own[rng.choice(len(own), size=min(words, len(own)), replace=False)]
        sounds.append(join([clips.y[i, : clips.length[i]] for i in said], gap_seconds=0.0, sr=clips.sr))
    return sounds


def noisy_string(clips: Clips, members, *, kind: str, snr_db: float, seed: int) -> NoisyString:
    """Join clips of one speaker, 50 ms of silence after each, and add noise at an exact ratio.

    Parameters
    ----------
    members : array of int, shape (digits,)
        Indices into ``clips``, in the order of the string.
    kind : str
        An additive degradation. Babble is by the other speakers of ``clips``.
    seed : int
        Seeds the noise.

    Raises
    ------
    ValueError
        No clips, more than one speaker, an unknown noise.
    """
    members = np.asarray(members, np.int64).reshape(-1)
    speakers = sorted(set(clips.speaker[members].tolist()))
    if len(speakers) != 1:
        raise ValueError(f"a string is spoken by one speaker; received {', '.join(speakers) or 'no clips'}")
    rng = np.random.default_rng(seed)
    clean = join([clips.y[i, : clips.length[i]] for i in members], sr=clips.sr)
    options = {"voices": talkers(clips, without=speakers[0], rng=rng)} if kind == "babble" else {}
    return NoisyString(
        clean=clean,
        noisy=degrade(clean, kind=kind, severity=snr_db, rng=rng, sr=clips.sr, **options),
        label=clips.label[members],
        speaker=speakers[0],
        name=[clips.name[i] for i in members],
        kind=kind,
        snr_db=float(snr_db),
        sr=clips.sr,
    )
