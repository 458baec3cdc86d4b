"""What sets one instrument apart from another, whatever it plays."""

from __future__ import annotations

import numpy as np

from course_lib.audio.mfcc import MFCC

N_MELS, N_MFCC = 40, 20
# Points in time at which the loudness is taken, and how far below the loudest one they may lie, in dB.
POINTS, RANGE_DB = 8, 30.0


def timbre(y: np.ndarray, *, sr: int) -> np.ndarray:
    """Notes, shape (clips, samples) -> descriptions, shape (clips, 2 * 19 + 8), float64.

    Mean and spread over the sounding frames of 19 mel-frequency cepstral coefficients (the level, c0, is left
    out), and the loudness at eight points in time relative to the loudest: colour, its changes, and how a
    note is struck, held and let go.
    """
    y = np.asarray(y, np.float32)
    if y.ndim != 2 or not len(y):
        raise ValueError(f"expected notes of shape (clips, samples); received {y.shape}")
    cepstra = MFCC(sr=sr, n_samples=y.shape[1], n_mels=N_MELS, n_mfcc=N_MFCC).encode(y).astype(np.float64)
    frames = cepstra.shape[1]
    power = np.square(y, dtype=np.float64).reshape(len(y), frames, -1).mean(axis=2)
    level = 10 * np.log10(np.maximum(power, 1e-12))
    level = np.maximum(level - level.max(axis=1, keepdims=True), -RANGE_DB)
    shape = level.reshape(len(y), POINTS, -1).mean(axis=2)
    rows = []
    for clip, loud in zip(cepstra[..., 1:], level, strict=True):
        heard = clip[loud > -RANGE_DB]
        rows.append(np.concatenate([heard.mean(axis=0), heard.std(axis=0)]))
    return np.concatenate([np.array(rows), shape], axis=1)
