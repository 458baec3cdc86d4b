"""A recording of any length as clips that a model knows, and clips as a recording: the two ends of a verb."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from course_lib.audio.files import AudioError, check_samples
from course_lib.audio.representation import Representation, from_config
from course_lib.training.windows import PAUSE_SECONDS, Segment, cut

MAX_SECONDS = 60.0


@dataclass(frozen=True, eq=False)
class Passage:
    """What there is to say of a recording: where it sounds, how loud, and how.

    Attributes
    ----------
    samples : int
        Its length.
    segments : list of Segment
        Stretches of sound, in order; each has one window or, without a pause, several.
    gains : np.ndarray, shape (windows,), float
        What the sound of each window was multiplied by to be as loud as the training clips.
    features : np.ndarray, shape (windows, frames, bands), float32
    """

    samples: int
    segments: list[Segment]
    gains: np.ndarray
    features: np.ndarray


def analyse(
    y: np.ndarray, representation: Representation, *, pause_seconds: float = PAUSE_SECONDS
) -> Passage:
    """Take apart ``y``, shape (samples,), at the representation's rate, at silences of ``pause_seconds``.

    Raises
    ------
    AudioError
        Not mono, empty, not finite, or longer than 60 s.
    """
    y = check_samples(y)
    sr, n_samples = representation.sr, representation.n_samples
    if len(y) > MAX_SECONDS * sr:
        raise AudioError(f"the sound lasts {len(y) / sr:.1f} s; expected at most {MAX_SECONDS:.0f} s: cut it")
    y = y - np.float32(y.mean(dtype=np.float64))
    grid = {"sr": sr, "n_samples": n_samples, "hop_length": n_samples // representation.shape[0]}
    windows = cut(y, pause_seconds=pause_seconds, **grid)
    if not windows:
        return Passage(len(y), [], np.empty(0), np.empty((0, *representation.shape), np.float32))
    features = representation.encode(np.stack([window.y for window in windows]))
    # Several windows of unbroken speech are of one segment.
    segments = list(dict.fromkeys(window.segment for window in windows))
    return Passage(len(y), segments, np.array([window.gain for window in windows]), features)


def synthesise(passage: Passage, representation: Representation) -> np.ndarray:
    """The sound of a passage, shape (samples,), float32.

    Neighbours are cross-faded as features, the phase is found for the whole, and the levels are restored.
    Pauses come out silent.
    """
    frames, bands = representation.shape
    hop_length = representation.n_samples // frames
    places = [place for segment in passage.segments for place in segment.places(frames)]
    if not places:
        return np.zeros(passage.samples, np.float32)
    # A margin on both sides holds the windows that begin before the sound or end after it.
    total = -(-passage.samples // hop_length) + 2 * frames
    mixture = np.zeros((total, bands), np.float64)
    gain, weight = np.zeros(total), np.zeros(total)
    for place, level, features in zip(places, passage.gains, passage.features, strict=True):
        part = slice(place.frame + frames, place.frame + 2 * frames)
        mixture[part] += place.weight[:, None] * features
        gain[part] += place.weight * np.log(level)
        weight[part] += place.weight
    silence = representation.encode(np.zeros((1, representation.n_samples), np.float32))[0].mean(axis=0)
    mixture += np.maximum(0.0, 1.0 - weight)[:, None] * silence
    mixture /= np.maximum(1.0, weight)[:, None]
    whole = from_config(representation.config | {"n_samples": total * hop_length})
    sound = whole.decode(mixture.astype(np.float32)[None])[0]
    sound = sound / _per_sample(gain, weight, hop_length)
    return sound[frames * hop_length :][: passage.samples].astype(np.float32)


def _per_sample(gain: np.ndarray, weight: np.ndarray, hop_length: int) -> np.ndarray:
    """The gain of each sample: the neighbours' mean of logarithms, which is what their features' mean has."""
    known = np.flatnonzero(weight > 0)
    centres = np.arange(len(gain) * hop_length) / hop_length
    return np.exp(np.interp(centres, known, gain[known] / weight[known]))
