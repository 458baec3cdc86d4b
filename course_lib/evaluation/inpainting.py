"""The scoreboard of filled gaps: a model between silence and true magnitudes, beside what needs no model."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from course_lib.audio.degrade.missing import dropped_frames
from course_lib.audio.restore.fill import fill_gaps
from course_lib.audio.restore.gap_frames import GapFrames, lost_share
from course_lib.audio.stft import stft, window_gain
from course_lib.evaluation.intelligibility import has_pesq
from course_lib.evaluation.scoring import score_speech, summary
from course_lib.evaluation.share import add_shares

# Magnitudes below this, re full scale, are silence: that of the log-spectral distance everywhere else.
SILENCE_DB = -80.0
SIZES = {"n_fft": 256, "hop_length": 64}
ENDS = dict.fromkeys(("stoi", "pesq_nb"), ("silence", "true_magnitudes"))

Inpaint = Callable[[np.ndarray, np.ndarray], np.ndarray]


def evaluate(
    inpaint: Inpaint | None,
    sounds: Sequence[np.ndarray],
    *,
    sr: int,
    gap_seconds: float,
    percent: float = 20.0,
    seed: int = 0,
    on_row: Callable[[str], None] | None = None,
) -> dict[str, Any]:
    """Score what fills gaps, on sounds of which packets are lost at random.

    Parameters
    ----------
    inpaint : callable or None
        ``(y with zeros in its gaps, missing) -> filled``, all of shape (samples,). None scores the rest
        alone.
    sounds : sequence of np.ndarray, each of shape (samples,)
        Whole strings of speech.
    gap_seconds, percent : float
        Length of a packet, and the share of packets that are lost, in %. Neighbours make longer gaps.
    seed : int
        Of the gaps: the same sounds and seed give the same test.
    on_row : callable, optional
        Told the name of each row before it is computed.

    Returns
    -------
    dict
        ``rows``: ``silence``, ``repetition`` (the last packet before a gap again and again),
        ``interpolation`` (straight lines between the frames' log magnitudes, the phase as the model's),
        ``model``, and ``true_magnitudes`` (those of the whole sound, the phase as the model's: the ceiling of
        what says magnitudes only). Each holds ``gap_lsd``, the log-spectral distance in dB over frames that
        have lost more than half of their window, ``stoi``, ``pesq_nb`` (None without the package) and
        ``si_sdr`` of the whole string, their standard errors over strings, and shares of the way from silence
        to the ceiling.
        ``protocol``: one sentence for a caption. ``settings``: what it was run with.

    Raises
    ------
    ValueError
        No sounds, a model that changes what is not missing, or gives another shape or NaN.
    """
    sounds = [np.asarray(y, np.float32) for y in sounds]
    if not sounds:
        raise ValueError("expected sounds to score; received none")
    tests = []
    for number, whole in enumerate(sounds):
        rng = np.random.default_rng((seed, number))
        tests.append(
            (whole, *dropped_frames(whole, percent=percent, rng=rng, sr=sr, packet_seconds=gap_seconds))
        )
    columns: dict[str, dict[str, np.ndarray]] = {}
    for name, system in _systems(inpaint, round(gap_seconds * sr)):
        if on_row is not None:
            on_row(name)
        made = [_checked(name, system(*test), *test[1:]) for test in tests]
        columns[name] = {
            "gap_lsd": np.array(
                [
                    gap_distance(whole, filled, missing)
                    for (whole, _, missing), filled in zip(tests, made, strict=True)
                ]
            )
        } | score_speech(sounds, made, sr=sr)
    rows = add_shares({name: summary(scores) for name, scores in columns.items()}, ENDS)
    settings = {
        "strings": len(sounds),
        "gap_seconds": gap_seconds,
        "percent": percent,
        "seed": seed,
        "pesq": has_pesq(),
    }
    return {"rows": rows, "protocol": _protocol(settings), "settings": settings}


def gap_distance(reference: np.ndarray, estimate: np.ndarray, missing: np.ndarray) -> float:
    """Log-spectral distance in dB over the frames that have lost more than half of their window.

    As :func:`course_lib.evaluation.spectral.log_spectral_distance`, which is over all frames. Lower is
    better.

    Parameters
    ----------
    reference, estimate : np.ndarray, shape (samples,)
    missing : np.ndarray, shape (samples,), bool

    Raises
    ------
    ValueError
        No frame has lost so much.
    """
    after = -len(reference) % SIZES["hop_length"]
    inside = lost_share(np.pad(missing, (0, after)), **SIZES) > 0.5
    if not inside.any():
        raise ValueError("no gap is long enough: no frame has lost more than half of its window")
    levels = [
        20
        * np.log10(
            np.maximum(
                np.abs(stft(np.pad(y, (0, after)), **SIZES))[inside] / window_gain(SIZES["n_fft"]),
                10 ** (SILENCE_DB / 20),
            )
        )
        for y in (reference, estimate)
    ]
    return float(np.mean(np.sqrt(np.mean((levels[0] - levels[1]) ** 2, axis=-1))))


def repetition(y: np.ndarray, missing: np.ndarray, *, samples: int) -> np.ndarray:
    """The last ``samples`` before each gap again and again, shape (samples,): what simple receivers do."""
    filled = np.where(missing, np.float32(0), y)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], missing, [0]])))
    for begin, end in zip(edges[::2], edges[1::2], strict=True):
        before = filled[max(0, begin - samples) : begin]
        if len(before):
            filled[begin:end] = np.resize(before, end - begin)
    return filled


def _systems(inpaint: Inpaint | None, packet: int) -> Iterator[tuple[str, Callable]]:
    """(row's name, function of whole, damaged and missing) from the floor to the ceiling."""
    yield "silence", lambda whole, y, missing: y
    yield "repetition", lambda whole, y, missing: repetition(y, missing, samples=packet)
    yield "interpolation", lambda whole, y, missing: _interpolated(y, missing)
    if inpaint is not None:
        yield "model", lambda whole, y, missing: inpaint(y, missing)
    yield "true_magnitudes", lambda whole, y, missing: _filled(y, missing, _magnitude(whole))


def _magnitude(y: np.ndarray) -> np.ndarray:
    return np.abs(stft(np.pad(y, _after(y)), **SIZES))


def _after(y: np.ndarray) -> tuple[int, int]:
    return 0, SIZES["hop_length"] - len(y) % SIZES["hop_length"]


def _interpolated(y: np.ndarray, missing: np.ndarray) -> np.ndarray:
    frames = GapFrames.of(np.pad(y, _after(y))[None], np.pad(missing, _after(y))[None], **SIZES)
    return _filled(y, missing, np.exp(frames.interpolated[0]) * frames.level[0])


def _filled(y: np.ndarray, missing: np.ndarray, magnitude: np.ndarray) -> np.ndarray:
    made = fill_gaps(np.pad(y, _after(y)), np.pad(missing, _after(y)), magnitude, **SIZES)
    return made[: len(y)]


def _checked(name: str, made, y: np.ndarray, missing: np.ndarray) -> np.ndarray:
    made = np.asarray(made)
    if made.shape != y.shape:
        raise ValueError(f"{name} returned shape {made.shape} for a string of shape {y.shape}")
    if not np.isfinite(made).all():
        raise ValueError(f"{name} returned NaN or infinite samples: the training has diverged")
    if np.abs(made - y)[~missing].max(initial=0) > 1e-6:
        raise ValueError(f"{name} has changed samples that were not missing")
    return made


def _protocol(settings: dict[str, Any]) -> str:
    return (
        f"{settings['strings']} strings without {settings['percent']:g} % of their packets of "
        f"{1000 * settings['gap_seconds']:g} ms. LSD: over frames that have lost more than half of their "
        "window; the other metrics are of whole strings. Straight lines, model and ceiling find the phase "
        "alike. Means over strings ± standard error."
    )
