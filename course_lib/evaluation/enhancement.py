"""The scoreboard of denoising: a model between the noisy string and its ceiling, beside classical filters."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from course_lib.audio.restore import RESTORERS
from course_lib.audio.stft import istft
from course_lib.evaluation import masks
from course_lib.evaluation.intelligibility import has_pesq
from course_lib.evaluation.scoring import score_speech, summary
from course_lib.evaluation.share import add_shares

# SI-SDR has no ceiling of its own, only a best real mask.
ENDS = {
    "pesq_nb": ("noisy", "ceiling"),
    "stoi": ("noisy", "ceiling"),
    "si_sdr": ("noisy", "phase_sensitive"),
}
# Fewer strings a row are scored before other processes have started.
STRINGS_WORTH_PROCESSES, MOST_WORKERS = 60, 4


def evaluate(
    restore: Callable[[np.ndarray], np.ndarray] | None,
    noisy_strings: Sequence,
    *,
    n_fft: int = 256,
    hop_length: int = 64,
    workers: int | None = None,
    on_row: Callable[[str], None] | None = None,
) -> dict[str, Any]:
    """Score a denoiser on noisy strings of digits beside the classical restorers and the oracle masks.

    Parameters
    ----------
    restore : callable or None
        Noisy string, shape (samples,), float32 -> restored, the same shape. None scores the rest alone.
    noisy_strings : sequence of NoisyString
        ``data.fixed_lists.load_noisy_strings(...)``, at one ratio or at several, one list after another.
    n_fft, hop_length : int
        The model's STFT: the ceiling and the oracle masks use it.
    workers : int, optional
        Processes for PESQ and STOI; by default one for a few strings, else up to four.
    on_row : callable, optional
        Told the name of each row before it is computed.

    Returns
    -------
    dict
        ``rows``: from the floor to the ceiling ``noisy``, the classical ``RESTORERS``, ``model``, the oracle
        ``MASKS`` and ``ceiling`` (the clean string through the STFT and back). Each holds ``pesq_nb`` (None
        without the package or for silence), ``stoi``, ``si_sdr`` and ``si_sdr_improvement`` (dB), their
        standard errors over strings ``<metric>_se``, and ``<metric>_share``, the share of the way from
        the noisy string to the ceiling; for SI-SDR to the unbounded phase-sensitive mask.
        ``by_noise``: a list of ``{kind, snr_db, strings, rows}``, the same for each noise and ratio.
        ``protocol``: one sentence for a caption. ``settings``: what it was run with.

    Raises
    ------
    ValueError
        No strings, rates that differ, a restorer that changes the shape or gives NaN.
    """
    noisy_strings = list(noisy_strings)
    rates = sorted({string.sr for string in noisy_strings})
    if len(rates) != 1:
        raise ValueError(f"expected noisy strings of one sampling rate; received {rates or 'none'}")
    if workers is None:
        many = len(noisy_strings) >= STRINGS_WORTH_PROCESSES
        workers = min(MOST_WORKERS, os.cpu_count() or 1) if many else 1
    clean = [string.clean for string in noisy_strings]
    columns: dict[str, dict[str, np.ndarray]] = {}
    for name, system in _systems(restore, n_fft=n_fft, hop_length=hop_length):
        if on_row is not None:
            on_row(name)
        made = [_checked(name, system(string), string) for string in noisy_strings]
        columns[name] = score_speech(clean, made, sr=rates[0], workers=workers)
        # The first row is the noisy string itself.
        columns[name]["si_sdr_improvement"] = columns[name]["si_sdr"] - columns["noisy"]["si_sdr"]
    settings = {
        "strings": len(noisy_strings),
        "digits": int(sum(len(string.label) for string in noisy_strings)),
        "speakers": sorted({string.speaker for string in noisy_strings}),
        "noises": list(dict.fromkeys(string.kind for string in noisy_strings)),
        "snr_db": sorted({string.snr_db for string in noisy_strings}),
        "n_fft": n_fft,
        "hop_length": hop_length,
        "pesq": has_pesq(),
    }
    return {
        "rows": _rows(columns),
        "by_noise": _by_noise(columns, noisy_strings),
        "protocol": _protocol(settings),
        "settings": settings,
    }


def _systems(restore, **sizes) -> Iterator[tuple[str, Callable]]:
    """(row's name, function of a noisy string) from the floor to the ceiling."""
    yield "noisy", lambda string: string.noisy
    for name, classical in RESTORERS.items():
        yield name, lambda string, classical=classical: classical(string.noisy, sr=string.sr)
    if restore is not None:
        yield "model", lambda string: restore(string.noisy)
    for name in masks.MASKS:
        yield name, lambda string, name=name: masks.oracle(name, string.clean, string.noisy, **sizes)
    yield "ceiling", lambda string: istft(masks.analyse(string.clean, **sizes), **sizes)[: len(string.clean)]


def _checked(name: str, restored, string) -> np.ndarray:
    restored = np.asarray(restored)
    if restored.shape != string.noisy.shape:
        raise ValueError(f"{name} returned shape {restored.shape} for a string of shape {string.noisy.shape}")
    if not np.isfinite(restored).all():
        raise ValueError(f"{name} returned NaN or infinite samples: the training has diverged")
    return restored


def _rows(columns, chosen=slice(None)) -> dict[str, dict[str, Any]]:
    rows = add_shares({name: summary(scores, chosen) for name, scores in columns.items()}, ENDS)
    # The clean sound has float32's 140 dB: no share of a way that ends at a mask.
    rows["ceiling"]["si_sdr_share"] = None
    return rows


def _by_noise(columns, noisy_strings) -> list[dict[str, Any]]:
    members: dict[tuple[str, float], list[int]] = {}
    for index, string in enumerate(noisy_strings):
        members.setdefault((string.kind, string.snr_db), []).append(index)
    return [
        {"kind": kind, "snr_db": snr_db, "strings": len(chosen), "rows": _rows(columns, chosen)}
        for (kind, snr_db), chosen in sorted(members.items())
    ]


def _protocol(settings: dict[str, Any]) -> str:
    ratios = ", ".join(f"{ratio:g}" for ratio in settings["snr_db"])
    return (
        f"{settings['digits']} digits of {len(settings['speakers'])} held-out speakers in "
        f"{settings['strings']} strings under {', '.join(settings['noises'])} noise at {ratios} dB; the "
        f"oracle masks and the ceiling use an STFT of {settings['n_fft']}/{settings['hop_length']}. Means "
        "over strings ± standard error; share: of the way from the noisy string to the ceiling, for SI-SDR "
        "to the phase-sensitive mask."
    )
