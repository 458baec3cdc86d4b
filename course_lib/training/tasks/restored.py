"""What a model that restores sound makes of a few damaged recordings, beside the undamaged ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from course_lib.audio.log_mel_spectrogram import LogMelSpectrogram
from course_lib.training.tasks.exhibit import Exhibit, Fixed, Made


class Restored(Exhibit):
    """Damaged, wanted and restored; an error is the energy that is wrong, as a share of the wanted sound's.

    Parameters
    ----------
    damaged, wanted : np.ndarray, shape (clips, samples), float32
    restore : callable
        ``(model, damaged sound, number of the clip) -> sound``.
    clips : list of dict
        ``name``, ``word``, ``label`` and ``speaker`` of each.
    titles : dict of str to str
        Of input, ceiling and output.
    sr : int
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
    ):
        self.sr = sr
        self.clips = list(clips)
        self.titles = titles
        # The pictures are for people: mel bands, whatever spectrum the model works on.
        self._picture = LogMelSpectrogram(sr=sr, n_samples=damaged.shape[1])
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
        magnitude = self._picture.magnitude(self._picture.encode(y))
        return (20 * np.log10(magnitude)).astype(np.float16)
