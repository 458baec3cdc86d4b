"""What a model that restores sound makes of a few damaged recordings, beside the undamaged ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from course_lib.audio.stft import stft, window_gain
from course_lib.training.tasks.exhibit import Exhibit, Fixed, Made

FLOOR_DB = -80.0


class Restored(Exhibit):
    """Damaged, wanted and restored; an error is the energy that is wrong, as a share of the wanted sound's.

    Parameters
    ----------
    damaged, wanted : np.ndarray, shape (clips, samples), float32
    restore : callable
        ``(model, damaged sound, number of the clip) -> sound``.
    clips : list of dict
        ``name``, ``label`` and ``speaker`` of each.
    titles : dict of str to str
        Of input, ceiling and output.
    sr, n_fft, hop_length : int
        Of the pictures.
    """

    def __init__(
        self,
        damaged: np.ndarray,
        wanted: np.ndarray,
        restore: Callable[[Any, np.ndarray, int], np.ndarray],
        clips: Sequence[dict[str, Any]],
        titles: dict[str, str],
        *,
        sr: int,
        n_fft: int = 256,
        hop_length: int = 64,
    ):
        self.sr = sr
        self.clips = list(clips)
        self.titles = titles
        self.n_fft = n_fft
        self.hop_length = hop_length
        self.damaged = damaged
        self.wanted = wanted
        self.restore = restore
        self.fixed = {
            "input": Fixed(damaged, self._decibels(damaged)),
            "ceiling": Fixed(wanted, self._decibels(wanted)),
        }

    def make(self, model) -> Made:
        sounds = np.stack([self.restore(model, y, i) for i, y in enumerate(self.damaged)])
        sounds = np.nan_to_num(sounds, nan=0.0, posinf=0.0, neginf=0.0)
        wrong = np.sum((self.wanted.astype(np.float64) - sounds) ** 2, axis=1)
        errors = wrong / np.sum(self.wanted.astype(np.float64) ** 2, axis=1)
        return Made(sounds, self._decibels(sounds), errors.tolist())

    def _decibels(self, y: np.ndarray) -> np.ndarray:
        magnitude = np.abs(stft(y, n_fft=self.n_fft, hop_length=self.hop_length)) / window_gain(self.n_fft)
        return (20 * np.log10(np.maximum(magnitude, 10 ** (FLOOR_DB / 20)))).astype(np.float16)
