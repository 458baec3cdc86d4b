"""Sounds of any kind through a model that knows clips of its own features."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from course_lib.audio.files import AudioError, check_samples
from course_lib.audio.representation import Representation, from_config
from course_lib.training.windows import cut

if TYPE_CHECKING:
    import keras

MAX_SECONDS = 60.0


class Reconstructor:
    """A model and its representation, ready for many sounds.

    Parameters
    ----------
    model : keras.Model
        Has ``reconstruct``: features, shape (clips, frames, bands) -> the same.
    representation : Representation
        The one the model was trained in.
    """

    max_seconds = MAX_SECONDS

    def __init__(self, model: keras.Model | Any, representation: Representation):
        self.model = model
        self.representation = representation

    @property
    def sr(self) -> int:
        """Sampling rate in Hz, of what goes in and of what comes out."""
        return self.representation.sr

    def __call__(self, y: np.ndarray, **condition: Any) -> np.ndarray:
        """What the model makes of ``y``, shape (samples,), at the representation's rate -> the same shape.

        Each word, or each second of unbroken speech, goes through the model at the level of its training;
        neighbours are cross-faded as features, the phase is found for the whole, and the levels are
        restored. Pauses come out silent.

        Parameters
        ----------
        condition
            Handed on to the model, which wants one number for each clip: ``condition=7``.

        Raises
        ------
        AudioError
            Not mono, empty, not finite, or longer than 60 s.
        """
        y = check_samples(y)
        representation = self.representation
        sr, n_samples = representation.sr, representation.n_samples
        if len(y) > MAX_SECONDS * sr:
            raise AudioError(
                f"the sound lasts {len(y) / sr:.1f} s; expected at most {MAX_SECONDS:.0f} s: cut it"
            )
        hop_length = n_samples // representation.shape[0]
        y = y - np.float32(y.mean(dtype=np.float64))
        windows = cut(y, sr=sr, n_samples=n_samples, hop_length=hop_length)
        if not windows:
            return np.zeros_like(y)
        features = representation.encode(np.stack([window.y for window in windows]))
        each = {name: np.full(len(features), value) for name, value in condition.items()}
        made = self.model.reconstruct(features, **each)
        # A margin on both sides holds the windows that begin before the sound or end after it.
        frames = representation.shape[0]
        total = -(-len(y) // hop_length) + 2 * frames
        mixture = np.zeros((total, representation.shape[1]), np.float64)
        gain, weight = np.zeros(total), np.zeros(total)
        for window, features in zip(windows, made, strict=True):
            part = slice(window.frame + frames, window.frame + 2 * frames)
            mixture[part] += window.weight[:, None] * features
            gain[part] += window.weight * np.log(window.gain)
            weight[part] += window.weight
        silence = representation.encode(np.zeros((1, n_samples), np.float32))[0].mean(axis=0)
        mixture += np.maximum(0.0, 1.0 - weight)[:, None] * silence
        mixture /= np.maximum(1.0, weight)[:, None]
        whole = from_config(representation.config | {"n_samples": total * hop_length})
        sound = whole.decode(mixture.astype(np.float32)[None])[0]
        sound = sound / _per_sample(gain, weight, hop_length)
        return sound[frames * hop_length :][: len(y)].astype(np.float32)


def _per_sample(gain: np.ndarray, weight: np.ndarray, hop_length: int) -> np.ndarray:
    """The gain of each sample: the neighbours' mean of logarithms, which is what their features' mean has."""
    known = np.flatnonzero(weight > 0)
    centres = np.arange(len(gain) * hop_length) / hop_length
    return np.exp(np.interp(centres, known, gain[known] / weight[known]))
