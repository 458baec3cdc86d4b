"""Test mixtures and noisy strings by the recipe of the fixed lists, for any speakers that are held out.

The fixed lists are one choice of speakers; a scoreboard holds others out, and several in turn. The same
clips give the same lists.
"""

from __future__ import annotations

import csv
import io

import numpy as np

from course_lib.audio.degrade import degrade
from course_lib.data.clips import Clips
from course_lib.data.fixed_lists import MIXTURES, mixture_recipe, string_recipe
from course_lib.data.mixtures import Mixtures, mix_pairs
from course_lib.data.noisy_strings import NoisyString, noisy_string, talkers


def mixtures_of(clips: Clips, *, count: int = MIXTURES) -> Mixtures:
    """Mixtures at 0 dB of two speakers of ``clips`` and two digits; in every other one both begin together.

    Raises
    ------
    ValueError
        One speaker or one digit only.
    """
    rows = _rows(mixture_recipe(list(clips.name), count=count))
    place = {name: number for number, name in enumerate(clips.name)}
    pairs = [[place[row["target"]], place[row["other"]]] for row in rows]
    return mix_pairs(clips, pairs, snr_db=0.0, place=np.array([float(row["place"]) for row in rows]))


def noisy_strings_of(
    clips: Clips, *, kind: str, count: int, snr_db: float = 0.0, babblers: Clips | None = None
) -> list[NoisyString]:
    """Ten-digit strings of the speakers of ``clips`` under one noise.

    Parameters
    ----------
    kind : {"gaussian", "babble"}
        One of the fixed lists' noises.
    babblers : Clips, optional
        Whose voices babble is made of; by default the other speakers of ``clips``.

    Raises
    ------
    ValueError
        A noise that the lists have not, or babble by nobody.
    """
    rows = _rows(string_recipe(list(clips.name), count=3 * count))
    rows = [row for row in rows if row["kind"] == kind][:count]
    if len(rows) < count:
        raise ValueError(f"the lists have no noise {kind!r}, or not {count} strings of it")
    place = {name: number for number, name in enumerate(clips.name)}
    strings = []
    for row in rows:
        members = [place[name] for name in row["clips"].split()]
        seed = int(row["noise_seed"])
        if kind != "babble" or babblers is None:
            strings.append(noisy_string(clips, members, kind=kind, snr_db=snr_db, seed=seed))
            continue
        plain = noisy_string(clips, members, kind="gaussian", snr_db=snr_db, seed=seed)
        rng = np.random.default_rng(seed)
        voices = talkers(babblers, without=plain.speaker, rng=rng)
        noisy = degrade(plain.clean, kind="babble", severity=snr_db, rng=rng, sr=plain.sr, voices=voices)
        strings.append(NoisyString(**(vars(plain) | {"noisy": noisy, "kind": "babble"})))
    return strings


def _rows(recipe: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(recipe)))
