"""The scoreboard of repaired sound: a model between the damaged string and its ceiling."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from course_lib.audio.stft import istft, stft
from course_lib.evaluation.intelligibility import has_pesq
from course_lib.evaluation.scoring import score_speech, summary
from course_lib.evaluation.share import add_shares
from course_lib.evaluation.spectral import log_spectral_distance

ENDS = dict.fromkeys(("stoi", "pesq_nb"), ("damaged", "ceiling"))

Repair = Callable[[np.ndarray], np.ndarray]


def evaluate(
    systems: Mapping[str, Repair],
    whole: Sequence[np.ndarray],
    damaged: Sequence[np.ndarray],
    *,
    sr: int,
    damage: str,
    n_fft: int = 256,
    hop_length: int = 64,
    on_row: Callable[[str], None] | None = None,
) -> dict[str, Any]:
    """Score what repairs sound, on strings of speech.

    Parameters
    ----------
    systems : mapping of str to callable
        Row's name -> (damaged, shape (samples,) -> repaired, the same shape).
    whole, damaged : sequences of np.ndarray, each of shape (samples,)
        The strings, and the same damaged.
    damage : str
        What was done to them, in words.
    n_fft, hop_length : int
        Of the ceiling.
    on_row : callable, optional
        Told the name of each row before it is computed.

    Returns
    -------
    dict
        ``rows``: ``damaged``, the systems, and ``ceiling`` (the whole string through the STFT and back). Each
        holds ``lsd``, the log-spectral distance in dB, ``pesq_nb`` (None without the package), ``stoi`` and
        ``si_sdr`` in dB, their standard errors over strings, and shares of the way from the damaged string to
        the ceiling. ``protocol``: one sentence for a caption. ``settings``: what it was run with.

    Raises
    ------
    ValueError
        No strings, or another number of damaged ones; a system that changes the shape or gives NaN.
    """
    pairs = list(zip(whole, damaged, strict=True))
    if not pairs:
        raise ValueError("expected strings to score; received none")
    sizes = {"n_fft": n_fft, "hop_length": hop_length}
    every: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {"damaged": lambda _, y: y}
    every |= {name: lambda _, y, repair=repair: repair(y) for name, repair in systems.items()}
    every["ceiling"] = lambda clean, _: _round_trip(clean, **sizes)
    rows = {}
    for name, system in every.items():
        if on_row is not None:
            on_row(name)
        made = [_checked(name, system(*pair), pair[1]) for pair in pairs]
        distances = [
            log_spectral_distance(clean, y, **sizes) for (clean, _), y in zip(pairs, made, strict=True)
        ]
        rows[name] = summary({"lsd": np.array(distances)} | score_speech(whole, made, sr=sr))
    settings = {"strings": len(pairs), "damage": damage, "pesq": has_pesq(), **sizes}
    return {
        "rows": add_shares(rows, ENDS),
        "protocol": f"{len(pairs)} strings of held-out speakers, {damage}; the ceiling uses an STFT of "
        f"{n_fft}/{hop_length}. Means over strings ± standard error; share: of the way from the damaged "
        "string to the ceiling.",
        "settings": settings,
    }


def _round_trip(y: np.ndarray, *, n_fft: int, hop_length: int) -> np.ndarray:
    padded = np.pad(y, (0, hop_length - len(y) % hop_length))
    sizes = {"n_fft": n_fft, "hop_length": hop_length}
    return istft(stft(padded, **sizes), **sizes)[: len(y)]


def _checked(name: str, made, y: np.ndarray) -> np.ndarray:
    made = np.asarray(made)
    if made.shape != y.shape:
        raise ValueError(f"{name} returned shape {made.shape} for a string of shape {y.shape}")
    if not np.isfinite(made).all():
        raise ValueError(f"{name} returned NaN or infinite samples: the training has diverged")
    return made
