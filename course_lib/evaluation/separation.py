"""The scoreboard of separation: is the voice that was asked for taken out of the mixture?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from course_lib.evaluation import masks
from course_lib.evaluation.scoring import summary
from course_lib.evaluation.share import add_shares
from course_lib.evaluation.signal import si_sdr

SIZES = ((256, 64), (512, 128))
# Words that do not overlap come apart exactly, at 140 dB, and would outweigh all others in a mean. Beyond
# 30 dB nobody hears a difference (S. Wisdom et al., "Unsupervised sound separation using mixture invariant
# training", NeurIPS 2020, stop there too).
LIMIT_DB = 30.0
# An oracle's spectra are large: so many mixtures at once.
MIXTURES_AT_ONCE = 50


def evaluate(
    separate: Callable[[np.ndarray, np.ndarray], np.ndarray] | None,
    mixtures,
    *,
    n_fft: int = 512,
    hop_length: int = 128,
    seed: int = 0,
    on_row: Callable[[str], None] | None = None,
) -> dict[str, Any]:
    """Score a conditional separation on mixtures of two digits beside wrong conditions and oracle masks.

    Parameters
    ----------
    separate : callable or None
        Mixtures, shape (n, samples), float32, and conditions, shape (n,), int64, the digits asked for
        -> the voices asked for, shape (n, samples). None scores the rest alone.
    mixtures : Mixtures
        ``data.fixed_lists.load_mixtures(...)``; the target is source 0, asked for by ``label[:, 0]``.
    n_fft, hop_length : int
        The model's STFT: its unbounded phase-sensitive mask is the ceiling.
    seed : int
        Deals the shuffled conditions.
    on_row : callable, optional
        Told the name of each row before it is computed.

    Returns
    -------
    dict
        ``rows``: ``mixture`` (the floor: nothing done), ``shuffled_conditions`` (each mixture is asked for
        another mixture's digit: what a model scores that does not understand the question),
        ``wrong_condition`` (asked for the other digit: the lower, the better it listens), ``model``, and
        ``<mask>_<n_fft>_<hop_length>`` for each oracle mask and STFT. Each holds ``si_sdr_improvement`` in
        dB over the mixture, every SI-SDR limited to 30 dB either way, its standard error over mixtures
        ``_se`` and its ``_share`` of the way to the ceiling; the same three for the mixtures that begin
        ``together``, for those moved ``apart`` (None without such) and ``by_speaker``, of the target.
        ``protocol``: one sentence for a caption. ``settings``: what it was run with.

    Raises
    ------
    ValueError
        No mixtures; a model that changes the shape or gives NaN.
    """
    if not len(mixtures):
        raise ValueError("expected at least one mixture; received none")
    target = mixtures.sources[:, 0]
    floor = _si_sdr(target, mixtures.mixture)
    together = (mixtures.offset == 0).all(axis=1)
    speaker = mixtures.speaker[:, 0]
    parts = {"together": together, "apart": ~together}
    whose = {who: speaker == who for who in sorted(set(speaker.tolist()))}
    gained: dict[str, dict[str, np.ndarray]] = {}
    for name, make in _systems(separate, mixtures, n_fft=n_fft, hop_length=hop_length, seed=seed):
        if on_row is not None:
            on_row(name)
        score = _si_sdr(target, _checked(name, make(), mixtures.mixture))
        gained[name] = {"si_sdr_improvement": score - floor}
    ceiling = f"phase_sensitive_{n_fft}_{hop_length}"

    def over(chosen=slice(None)) -> dict[str, dict[str, Any]]:
        rows = {name: summary(scores, chosen) for name, scores in gained.items()}
        return add_shares(rows, {"si_sdr_improvement": ("mixture", ceiling)})

    rows = over()
    by_part = {part: over(chosen) for part, chosen in parts.items() if chosen.any()}
    by_speaker = {who: over(chosen) for who, chosen in whose.items()}
    for name, row in rows.items():
        row |= {part: by_part[part][name] if part in by_part else None for part in parts}
        row["by_speaker"] = {who: own[name] for who, own in by_speaker.items()}
    settings = {
        "mixtures": len(mixtures),
        "together": int(together.sum()),
        "by_speaker": {who: int(chosen.sum()) for who, chosen in whose.items()},
        "floor": "mixture",
        "ceiling": ceiling,
        "limit_db": LIMIT_DB,
        "seed": seed,
    }
    return {"rows": rows, "protocol": _protocol(settings), "settings": settings}


def _systems(separate, mixtures, *, n_fft: int, hop_length: int, seed: int) -> Iterator[tuple[str, Callable]]:
    """(row's name, function that gives its sounds) from the floor to the ceiling."""
    mixture, asked = mixtures.mixture, mixtures.label[:, 0]
    yield "mixture", lambda: mixture
    if separate is not None:
        shuffled = np.random.default_rng(seed).permutation(asked)
        yield "shuffled_conditions", lambda: separate(mixture, shuffled)
        yield "wrong_condition", lambda: separate(mixture, mixtures.label[:, 1])
        yield "model", lambda: separate(mixture, asked)
    for size in sorted({*SIZES, (n_fft, hop_length)}):
        for name in masks.MASKS:
            yield f"{name}_{size[0]}_{size[1]}", lambda name=name, size=size: _oracle(name, mixtures, *size)


def _oracle(name: str, mixtures, n_fft: int, hop_length: int) -> np.ndarray:
    starts = range(0, len(mixtures), MIXTURES_AT_ONCE)
    parts = (slice(start, start + MIXTURES_AT_ONCE) for start in starts)
    made = [
        masks.oracle(
            name, mixtures.sources[part, 0], mixtures.mixture[part], n_fft=n_fft, hop_length=hop_length
        )
        for part in parts
    ]
    return np.concatenate(made)


def _checked(name: str, separated, mixture: np.ndarray) -> np.ndarray:
    separated = np.asarray(separated)
    if separated.shape != mixture.shape:
        raise ValueError(f"{name} returned shape {separated.shape} for mixtures of shape {mixture.shape}")
    if not np.isfinite(separated).all():
        raise ValueError(f"{name} returned NaN or infinite samples: the training has diverged")
    return separated


def _si_sdr(target: np.ndarray, estimate: np.ndarray) -> np.ndarray:
    scores = [si_sdr(*pair) for pair in zip(target, estimate, strict=True)]
    return np.clip(scores, -LIMIT_DB, LIMIT_DB)


def _protocol(settings: dict[str, Any]) -> str:
    return (
        f"{settings['mixtures']} mixtures of two digits by two held-out speakers, {settings['together']} of "
        f"which begin together; SI-SDR of the voice asked for, within ± {settings['limit_db']:g} dB, minus "
        "the mixture's. Means over mixtures ± standard error; share: of the way from the mixture to the "
        f"mask {settings['ceiling']}."
    )
