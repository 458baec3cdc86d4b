"""The fixed tests: 400 mixtures and 120 noisy strings of each data set, the same ones in every comparison.

A list is a recipe in ``datasets/mixtures``: file names, places, ratios and noise seeds, no sound. All are by
speakers that no model may train on: hold out :func:`held_out` speakers to use them.
``datasets/builders/mixtures.py`` writes the recipes; their hashes are committed beside them.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from course_lib.data import catalog, spoken_digits
from course_lib.data.clips import Clips
from course_lib.data.dataset import parse_name
from course_lib.data.errors import DatasetError
from course_lib.data.hashes import read_hash_list
from course_lib.data.mixtures import Mixtures, draw_pairs, mix_pairs
from course_lib.data.noisy_strings import NoisyString, noisy_string
from course_lib.data.splits import speaker_held_out
from course_lib.paths import datasets_dir

SEED = 20
MIXTURES, STRINGS = 400, 120
# Forty strings each, all at 0 dB, the setting of the course's reference numbers.
STRING_NOISES, STRING_SNR_DB = ("gaussian", "pink", "babble"), 0.0
MIXTURE_COLUMNS = ("index", "target", "other", "place", "snr_db")
STRING_COLUMNS = ("index", "kind", "snr_db", "noise_seed", "clips")
KINDS = ("mixtures", "strings")


def held_out(dataset: str) -> list[str]:
    """Speakers of the fixed lists: the test voices of ``digits``, george and lucas of ``fsdd``.

    lucas's recordings are the cleanest of FSDD (speech 47 dB above the pauses, nicolas 19), so that the
    target of a separation is not itself noisy.
    """
    own = {"digits": spoken_digits.test_voices, "fsdd": lambda: ["george", "lucas"]}
    if dataset not in own:
        raise ValueError(f"no fixed lists for {dataset!r}; expected one of {', '.join(own)}")
    return own[dataset]()


def folder() -> Path:
    """Where the recipes are."""
    return datasets_dir() / "mixtures"


def mixture_recipe(names: Sequence[str], *, count: int = MIXTURES, seed: int = SEED) -> str:
    """The recipe of the mixtures as CSV text.

    ``names`` are the files of the held-out speakers, in any order. Every second mixture begins together
    (place 0), the others are moved at random (see :func:`mix_pairs`); all are at 0 dB.
    """
    names = sorted(names)
    label, speaker, _ = (np.array(part) for part in zip(*map(parse_name, names), strict=True))
    rng = np.random.default_rng(seed)
    pairs = draw_pairs(label, speaker, count, rng=rng)
    place = np.where(np.arange(count) % 2, rng.uniform(-1, 1, size=count), 0.0)
    rows = [
        (row, names[target], names[other], f"{place[row]:.4f}", "0.0")
        for row, (target, other) in enumerate(pairs)
    ]
    return _to_csv(MIXTURE_COLUMNS, rows)


def string_recipe(names: Sequence[str], *, count: int = STRINGS, seed: int = SEED + 1) -> str:
    """The recipe of the noisy strings as CSV text.

    Noises take turns, then speakers. A string holds every digit of its speaker once, in random order; a clip
    is used again only when all of its speaker and digit have been.
    """
    rng = np.random.default_rng(seed)
    takes: dict[str, dict[int, list[str]]] = {}
    for name in sorted(names):
        digit, speaker, _ = parse_name(name)
        takes.setdefault(speaker, {}).setdefault(digit, []).append(name)
    speakers = [sorted(takes)[i] for i in rng.permutation(len(takes))]
    turns: dict[tuple[str, int], list[str]] = {}
    rows = []
    for row in range(count):
        speaker = speakers[row // len(STRING_NOISES) % len(speakers)]
        clips = []
        for digit in rng.permutation(sorted(takes[speaker])).tolist():
            turn = turns.setdefault((speaker, digit), [])
            if not turn:
                own = takes[speaker][digit]
                turn.extend(own[i] for i in rng.permutation(len(own)))
            clips.append(turn.pop())
        kind = STRING_NOISES[row % len(STRING_NOISES)]
        rows.append((row, kind, STRING_SNR_DB, int(rng.integers(2**31)), " ".join(clips)))
    return _to_csv(STRING_COLUMNS, rows)


def make_recipe(dataset: str, kind: str) -> str:
    """The recipe, made again from the data set's file names; needs no sound."""
    if kind not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}; received {kind!r}")
    speakers = set(held_out(dataset))
    names = [name for name in catalog.get(dataset).hashes() if parse_name(name)[1] in speakers]
    return {"mixtures": mixture_recipe, "strings": string_recipe}[kind](names)


def recipe_name(dataset: str, kind: str) -> str:
    """File name of a recipe."""
    return f"{dataset}_{kind}.csv"


def text_hash(text: str) -> str:
    """SHA-256 of a recipe with its line ends as ``\\n``, whatever the checkout made of them."""
    return hashlib.sha256(text.encode()).hexdigest()


def read_recipe(dataset: str, kind: str) -> list[dict[str, str]]:
    """Rows of the committed recipe, after its hash is checked.

    Raises
    ------
    ValueError
        A data set without fixed lists.
    DatasetError
        Missing or changed.
    """
    held_out(dataset)
    path = folder() / recipe_name(dataset, kind)
    remedy = "restore it, for example by 'git checkout datasets/mixtures'"
    try:
        text = path.read_text(encoding="utf-8")
        expected = read_hash_list(folder() / "recipes.sha256").get(path.name)
    except FileNotFoundError as error:
        raise DatasetError(f"the fixed list {path.name} is not there: {remedy}") from error
    if text_hash(text) != expected:
        raise DatasetError(f"the fixed list {path.name} has changed (SHA-256 differs): {remedy}")
    return list(csv.DictReader(io.StringIO(text)))


def load_mixtures(dataset: str) -> Mixtures:
    """The 400 test mixtures of ``digits`` or ``fsdd``; the same samples everywhere, to float rounding."""
    rows = read_recipe(dataset, "mixtures")
    clips = _held_out_clips(dataset)
    index = _index(clips)
    pairs = [[index[row["target"]], index[row["other"]]] for row in rows]
    snr_db, place = (np.array([float(row[key]) for row in rows]) for key in ("snr_db", "place"))
    return mix_pairs(clips, pairs, snr_db=snr_db, place=place)


def load_noisy_strings(dataset: str, *, snr_db: float | None = None) -> list[NoisyString]:
    """The 120 noisy strings of ``digits`` or ``fsdd``, 40 each under white, pink and babble noise at 0 dB.

    ``snr_db`` gives the same strings and noises at another ratio.
    """
    rows = read_recipe(dataset, "strings")
    clips = _held_out_clips(dataset)
    index = _index(clips)
    return [
        noisy_string(
            clips,
            [index[name] for name in row["clips"].split()],
            kind=row["kind"],
            snr_db=float(row["snr_db"]) if snr_db is None else snr_db,
            seed=int(row["noise_seed"]),
        )
        for row in rows
    ]


def fingerprint(y) -> tuple[float, float]:
    """Root mean square of a sound and where its energy is centred, as a share of its length.

    Two numbers a sound tell whether another machine has rendered the same list, without a hash's
    intolerance of the last bit.
    """
    power = np.asarray(y, np.float64) ** 2
    return float(np.sqrt(power.mean())), float(power @ np.arange(len(power)) / power.sum() / len(power))


def _held_out_clips(dataset: str) -> Clips:
    return speaker_held_out(catalog.load(dataset), held_out(dataset))[1]


def _index(clips: Clips) -> dict[str, int]:
    return {name: i for i, name in enumerate(clips.name)}


def _to_csv(columns: Sequence[str], rows: Sequence[Sequence]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue()
