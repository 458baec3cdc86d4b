"""Loudness as ITU-R BS.1770 measures it, and sounds brought to one loudness without clipping."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from course_lib.audio.level import SILENT_PEAK, check_clip, check_number

# EBU R 128's level for programmes: loud enough, with room for peaks.
TARGET_LUFS = -23.0
# One dB below full scale: what lies between two samples may be higher than both.
PEAK = 10 ** (-1 / 20)
BLOCK_SECONDS = 0.4


def loudness(y, *, sr: int = 8000) -> float:
    """Integrated loudness in LUFS, gated; ``-inf`` for silence.

    ITU-R BS.1770-4 by ``pyloudnorm``: K-weighted power of blocks of 400 ms, pauses left out. Two sounds that
    it does not know are measured too: one shorter than a block is a single block of its own length, and one
    below the absolute gate of -70 LUFS is measured as if it were louder.

    Parameters
    ----------
    y : np.ndarray, shape (samples,)
        At least 64 samples; full scale is [-1, 1].
    sr : int
        Sampling rate in Hz.

    Raises
    ------
    AudioError
        As :func:`course_lib.audio.level.check_clip`.
    """
    y = check_clip(y).astype(np.float64)
    peak = float(np.abs(y).max())
    if peak < SILENT_PEAK:
        return -np.inf
    measured = _gated(y, sr)
    if not np.isfinite(measured):
        measured = _gated(y / peak, sr) + 20 * np.log10(peak)
    return measured


def _gated(y: np.ndarray, sr: int) -> float:
    from pyloudnorm import Meter

    # A hair less than the clip: its own length times the rate may round to more samples than there are.
    block = BLOCK_SECONDS if len(y) >= BLOCK_SECONDS * sr else (len(y) - 0.5) / sr
    return float(Meter(sr, block_size=block).integrated_loudness(y))


def match_loudness(
    sounds: Sequence[np.ndarray], *, sr: int = 8000, target: float = TARGET_LUFS
) -> tuple[list[np.ndarray], float]:
    """All sounds at one loudness, none clipped: where one would be, all are lowered together.

    Parameters
    ----------
    sounds : sequence of np.ndarray, shape (samples,)
        Of any length and level. Silent ones stay silent.
    target : float
        Loudness in LUFS, -60 to -5.

    Returns
    -------
    matched : list of np.ndarray, float32
        In the same order; no sample is beyond -1 dB re full scale.
    reached : float
        Their loudness in LUFS: ``target``, or less.
    """
    target = check_number(target, name="target", low=-60, high=-5, unit="LUFS")
    raised = []
    for y in sounds:
        level = loudness(y, sr=sr)
        gain = 10 ** ((target - level) / 20) if np.isfinite(level) else 1.0
        raised.append(np.asarray(y, np.float64) * gain)
    peak = max((np.abs(y).max() for y in raised), default=0.0)
    lower = min(1.0, PEAK / peak) if peak else 1.0
    return [(lower * y).astype(np.float32) for y in raised], target + 20 * np.log10(lower)
