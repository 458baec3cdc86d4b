"""How a recording becomes a clip: words are trimmed and levelled, notes keep their level, noises fill it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from course_lib.audio.files import AudioError, check_samples
from course_lib.data.clips import ONSET_SECONDS, normalise_level, place, prepare

SILENT_PEAK = 1e-6


def prepare_note(y: np.ndarray, n_samples: int = 8192, *, sr: int = 8000) -> tuple[np.ndarray, int]:
    """A note from its beginning: 64 ms of silence, the sound at its own level, cut at the clip's end.

    Parameters and errors are those of :func:`course_lib.data.clips.prepare`. Nothing is levelled: how loud a
    note is belongs to how it was played.
    """
    y = _centred(y)
    # Samples before the attack, which hold the recorder's noise at most.
    onset = int(np.argmax(np.abs(y) > 0.01 * np.abs(y).max()))
    clip = place(y[onset:], n_samples, onset=0, sr=sr)
    return clip, min(n_samples, round(ONSET_SECONDS * sr) + len(y) - onset)


def prepare_noise(y: np.ndarray, n_samples: int = 8192, *, sr: int = 8000) -> tuple[np.ndarray, int]:
    """The loudest stretch of a noise that fills a clip, at the level of speech (-22 dB on its active frames).

    Parameters and errors are those of :func:`course_lib.data.clips.prepare`. A shorter sound begins the clip
    and zeros follow it.
    """
    y = _centred(y)
    begin = 0
    if len(y) > n_samples:
        energy = np.concatenate([[0.0], np.cumsum(np.square(y, dtype=np.float64))])
        # In steps of 10 ms: the loudest stretch, not the loudest sample.
        starts = np.arange(0, len(y) - n_samples + 1, max(1, sr // 100))
        begin = int(starts[np.argmax(energy[starts + n_samples] - energy[starts])])
    part = y[begin : begin + n_samples]
    clip = np.zeros(n_samples, np.float32)
    clip[: len(part)] = normalise_level(part, sr=sr)
    return clip, len(part)


def _centred(y: np.ndarray) -> np.ndarray:
    y = check_samples(y)
    y = y - np.float32(y.mean(dtype=np.float64))
    if not np.abs(y).max() > SILENT_PEAK:
        raise AudioError("the recording is silent; record it again")
    return y


STYLES: dict[str, Callable[..., tuple[np.ndarray, int]]] = {
    "word": prepare,
    "note": prepare_note,
    "noise": prepare_noise,
}
