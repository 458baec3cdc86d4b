"""The sounds of a test: named, read, checked, with anchors, at one loudness."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from course_lib.audio.files import AudioError, read
from course_lib.audio.level import check_clip
from course_lib.evaluation.listening.anchors import default_cutoffs, low_pass
from course_lib.evaluation.listening.errors import ListeningError
from course_lib.evaluation.listening.loudness import loudness, match_loudness
from course_lib.evaluation.listening.mushra import REFERENCE
from course_lib.evaluation.listening.preference import TIE

# A letter or digit first: no spreadsheet takes a name in the results for a formula.
NAME = re.compile(r"[^\W_][\w .,()+-]{0,63}")
LONGEST_SECONDS = 60.0
# item -> system -> sound
Sounds = dict[str, dict[str, np.ndarray]]


def gather(items: Mapping[str, Mapping[str, Any]], *, sr: int, same_length: bool) -> Sounds:
    """Every item in every system, as float32 at ``sr``.

    Parameters
    ----------
    items : mapping
        ``{item: {system: sound}}``; a sound is an array, shape (samples,), at ``sr``, or the path of a
        file of any format and rate. Every item has the same systems, two or more.
    same_length : bool
        Whether the versions of an item must be equally long.

    Raises
    ------
    ListeningError
        Names, missing versions or lengths that cannot be used; a sound that is none, with its name.
    """
    if not items:
        raise ListeningError("expected at least one item: {item: {system: sound}}; received none")
    first = list(next(iter(items.values())))
    if len(first) < 2:
        raise ListeningError(f"expected at least two systems to compare; received {first}")
    sounds: Sounds = {}
    for item, versions in items.items():
        for name in (item, *versions):
            _check_name(name)
        if set(versions) != set(first):
            raise ListeningError(
                f"item {item!r} has the systems {', '.join(versions)}; expected {', '.join(first)} as in the "
                "first item"
            )
        sounds[item] = {system: _sound(versions[system], f"{item} / {system}", sr) for system in first}
        lengths = {system: len(y) for system, y in sounds[item].items()}
        if same_length and len(set(lengths.values())) > 1:
            raise ListeningError(
                f"the versions of {item!r} must be equally long, or their length gives them away; received "
                f"{lengths} samples: cut them"
            )
    return sounds


def _check_name(name: str) -> None:
    if not isinstance(name, str) or not NAME.fullmatch(name) or name == TIE:
        raise ListeningError(
            "a name of an item or system begins with a letter or digit, has up to 64 letters, digits, spaces "
            f"or .,()+-_ and is not {TIE!r}; received {name!r}"
        )


def _sound(source, name: str, sr: int) -> np.ndarray:
    try:
        is_path = isinstance(source, (str, os.PathLike))
        return check_clip(read(source, sr=sr, max_seconds=LONGEST_SECONDS) if is_path else source, name=name)
    except AudioError as error:
        message = str(error)
        raise ListeningError(message if name in message else f"{name}: {message}") from error


def add_anchors(sounds: Sounds, *, sr: int, cutoffs: Mapping[str, float] | None = None) -> Sounds:
    """The sounds with low-passed copies of each item's reference, by default a low and a mid anchor.

    Parameters
    ----------
    cutoffs : mapping, optional
        Name and cut-off in Hz of each anchor; :func:`anchors.default_cutoffs` when None; none when empty.
    """
    cutoffs = default_cutoffs(sr) if cutoffs is None else cutoffs
    made: Sounds = {}
    for item, versions in sounds.items():
        if REFERENCE not in versions:
            raise ListeningError(
                f"MUSHRA needs a system called {REFERENCE!r} in every item; received {', '.join(versions)}"
            )
        made[item] = dict(versions)
        for name, cutoff_hz in cutoffs.items():
            _check_name(name)
            if name in versions:
                raise ListeningError(f"{name!r} is the name of an anchor; give your system another one")
            made[item][name] = low_pass(versions[REFERENCE], cutoff_hz=cutoff_hz, sr=sr)
    return made


def level(sounds: Sounds, *, sr: int, target: float) -> tuple[Sounds, float, list[str]]:
    """All sounds at one loudness, that loudness in LUFS, and a note for each that is silent."""
    places = [(item, system) for item, versions in sounds.items() for system in versions]
    flat = [sounds[item][system] for item, system in places]
    notes = [
        f"{item} / {system} is silent: it could not be levelled"
        for (item, system), y in zip(places, flat, strict=True)
        if loudness(y, sr=sr) == -np.inf
    ]
    matched, reached = match_loudness(flat, sr=sr, target=target)
    levelled: Sounds = {item: {} for item in sounds}
    for (item, system), y in zip(places, matched, strict=True):
        levelled[item][system] = y
    return levelled, reached, notes
