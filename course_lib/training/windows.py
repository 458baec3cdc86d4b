"""Cuts a sound of any length into clips like those a model was trained on.

A training clip is one word that begins 64 ms in and is followed by silence. So the words of a recording,
found by the pauses between them, become one clip each; speech without a pause is covered by clips that
overlap by half and are cross-faded.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from course_lib.data.clips import ONSET_SECONDS, normalise_level, place

# Louder than this, relative to the loud parts of the recording, is speech ...
RANGE_DB = 32.0
# ... and a shorter pause is part of a word: the closure of a "t" or "x" lasts up to 0.12 s.
PAUSE_SECONDS = 0.14
# No note is silent in its middle: they may follow each other closely.
NOTE_PAUSE_SECONDS = 0.03
SHORTEST_SECONDS = 0.03
STEP_SECONDS = 0.008
BEFORE_SECONDS, AFTER_SECONDS = 0.032, 0.064
FADE_FRAMES = 4
# Frame of a clip at which its word has its full weight: just before the margin of the onset.
FULL_FRAME = 3


@dataclass(frozen=True)
class Segment:
    """A stretch of sound between two pauses, in frames of the recording.

    Attributes
    ----------
    frame : int
        Where its first clip begins; may be negative.
    end : int
        Where its sound ends.
    """

    frame: int
    end: int

    def places(self, frames: int) -> list[Place]:
        """Where its clips of so many frames lie: one for a word, else several that overlap by half."""
        if self.end - self.frame <= frames:
            return [Place(self.frame, _trapezoid(frames, FULL_FRAME, self.end - self.frame))]
        half = frames // 2
        count = max(2, 1 + -(-(self.end - self.frame - frames) // half))
        rise = (np.arange(half, dtype=np.float32) + 0.5) / half
        places = []
        for number in range(count):
            frame = self.frame + number * half
            # Triangles that sum to one; pauses before and after the stretch stay silent.
            weight = np.concatenate([np.ones(half, np.float32) if number == 0 else rise, rise[::-1]])
            if number == count - 1:
                weight[half:] = 1.0
            weight *= np.arange(frames) + frame < self.end
            places.append(Place(frame, weight.astype(np.float32)))
        return places


@dataclass(frozen=True, eq=False)
class Place:
    """Where a clip lies in a recording.

    Attributes
    ----------
    frame : int
        Frame of the recording at which the clip begins; may be negative.
    weight : np.ndarray, shape (frames,), float32
        Its share in the mixture with its neighbours, in [0, 1].
    """

    frame: int
    weight: np.ndarray


@dataclass(frozen=True, eq=False)
class Window:
    """One clip and its place.

    Attributes
    ----------
    y : np.ndarray, shape (n_samples,), float32
        At the level of the training clips.
    gain : float
        What the sound was multiplied by to get there.
    place : Place
    segment : Segment
        The stretch of sound that it is of.
    """

    y: np.ndarray
    gain: float
    place: Place
    segment: Segment


def find_words(y: np.ndarray, *, sr: int, pause_seconds: float = PAUSE_SECONDS) -> list[tuple[int, int]]:
    """Begin and end, in samples, of each stretch of sound between pauses in ``y``, shape (samples,)."""
    step = max(1, round(STEP_SECONDS * sr))
    frames = -(-len(y) // step)
    padded = np.pad(np.asarray(y, np.float64), (step, step + frames * step - len(y)))
    # Two steps long, so that a pitch period always falls into a frame.
    power = np.array([np.mean(padded[i * step : i * step + 3 * step] ** 2) for i in range(frames)])
    if not power.max() > 0:
        return []
    level = 10 * np.log10(np.maximum(power, power.max() * 1e-12))
    loud, quiet = np.percentile(level[level > level.max() - 40], 90), np.percentile(level, 5)
    threshold = max(loud - RANGE_DB, min(quiet + 9.0, loud - 20.0))
    edges = np.flatnonzero(np.diff(np.concatenate([[0], level > threshold, [0]])))
    words: list[list[int]] = []
    for begin, end in zip(edges[::2], edges[1::2], strict=True):
        if words and (begin - words[-1][1]) * step < pause_seconds * sr:
            words[-1][1] = int(end)
        else:
            words.append([int(begin), int(end)])
    found = [(begin * step, min(len(y), end * step)) for begin, end in words]
    return [(begin, end) for begin, end in found if end - begin >= SHORTEST_SECONDS * sr]


def cut(
    y: np.ndarray, *, sr: int, n_samples: int, hop_length: int, pause_seconds: float = PAUSE_SECONDS
) -> list[Window]:
    """The clips that cover all sound in ``y``, shape (samples,), in order; none for silence.

    ``pause_seconds`` is the shortest silence that parts two of them.
    """
    windows: list[Window] = []
    frames = n_samples // hop_length
    for begin, end in find_words(y, sr=sr, pause_seconds=pause_seconds):
        first = max(0, begin - round(BEFORE_SECONDS * sr))
        last = min(len(y), end + round(AFTER_SECONDS * sr))
        frame = round((begin - round(ONSET_SECONDS * sr)) / hop_length)
        segment = Segment(frame, -(-last // hop_length))
        places = segment.places(frames)
        if len(places) == 1:
            piece = _faded(y[first:last], begin - first, last - end)
            clips = [_word(piece, first - frame * hop_length, sr=sr, n_samples=n_samples)]
        else:
            clips = [_excerpt(y, place.frame * hop_length, sr=sr, n_samples=n_samples) for place in places]
        windows += [
            Window(clip, gain, place, segment) for (clip, gain), place in zip(clips, places, strict=True)
        ]
    return windows


def _word(piece: np.ndarray, offset: int, *, sr: int, n_samples: int) -> tuple[np.ndarray, float]:
    """A word with short faded margins that begins ``offset`` samples into its clip, silence around it."""
    levelled, gain = _level(piece, sr=sr)
    # The frame grid shifts the onset by at most half a hop.
    onset = int(np.clip(round(ONSET_SECONDS * sr) - offset, 0, len(piece) - 1))
    return place(levelled, n_samples, onset=onset, sr=sr), gain


def _excerpt(y: np.ndarray, start: int, *, sr: int, n_samples: int) -> tuple[np.ndarray, float]:
    """A second out of speech without a pause, beginning at sample ``start``, which may be negative."""
    inside = y[max(0, start) : max(0, start + n_samples)]
    clip = np.zeros(n_samples, np.float32)
    offset = max(0, -start)
    clip[offset : offset + len(inside)] = inside
    return _level(clip, sr=sr)


def _level(y: np.ndarray, *, sr: int) -> tuple[np.ndarray, float]:
    peak = float(np.abs(y).max())
    if not peak > 0:
        return y, 1.0
    levelled = normalise_level(y, sr=sr)
    return levelled, float(np.abs(levelled).max()) / peak


def _faded(y: np.ndarray, before: int, after: int) -> np.ndarray:
    y = np.array(y, np.float32)
    if before:
        y[:before] *= (0.5 - 0.5 * np.cos(np.pi * (np.arange(before) + 0.5) / before)).astype(np.float32)
    if after:
        y[-after:] *= (0.5 + 0.5 * np.cos(np.pi * (np.arange(after) + 0.5) / after)).astype(np.float32)
    return y


def _trapezoid(frames: int, begin: int, end: int) -> np.ndarray:
    """1 between two frames, falling to 0 outside them."""
    place_in = np.arange(frames)
    rise = (place_in - (begin - FADE_FRAMES)) / FADE_FRAMES
    fall = ((end + FADE_FRAMES) - place_in) / FADE_FRAMES
    return np.clip(np.minimum(rise, fall), 0.0, 1.0).astype(np.float32)
