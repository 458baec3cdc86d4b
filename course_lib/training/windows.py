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
SHORTEST_SECONDS = 0.03
STEP_SECONDS = 0.008
BEFORE_SECONDS, AFTER_SECONDS = 0.032, 0.064
FADE_FRAMES = 4


@dataclass(frozen=True, eq=False)
class Window:
    """One clip and its place.

    Attributes
    ----------
    y : np.ndarray, shape (n_samples,), float32
        At the level of the training clips.
    gain : float
        What the sound was multiplied by to get there.
    frame : int
        Frame of the recording at which the clip begins; may be negative.
    weight : np.ndarray, shape (frames,), float32
        Its share in the mixture with its neighbours, in [0, 1].
    """

    y: np.ndarray
    gain: float
    frame: int
    weight: np.ndarray


def find_words(y: np.ndarray, *, sr: int) -> list[tuple[int, int]]:
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
        if words and (begin - words[-1][1]) * step < PAUSE_SECONDS * sr:
            words[-1][1] = int(end)
        else:
            words.append([int(begin), int(end)])
    found = [(begin * step, min(len(y), end * step)) for begin, end in words]
    return [(begin, end) for begin, end in found if end - begin >= SHORTEST_SECONDS * sr]


def cut(y: np.ndarray, *, sr: int, n_samples: int, hop_length: int) -> list[Window]:
    """The clips that cover all sound in ``y``, shape (samples,), in order; none for silence."""
    onset = round(ONSET_SECONDS * sr)
    after = round(AFTER_SECONDS * sr)
    windows: list[Window] = []
    for begin, end in find_words(y, sr=sr):
        if end - begin + onset + after <= n_samples:
            windows.append(_word(y, begin, end, sr=sr, n_samples=n_samples, hop_length=hop_length))
        else:
            windows += _stretch(y, begin, end, sr=sr, n_samples=n_samples, hop_length=hop_length)
    return windows


def _word(y: np.ndarray, begin: int, end: int, *, sr: int, n_samples: int, hop_length: int) -> Window:
    """A word with short faded margins, its onset 64 ms into the clip, silence around it."""
    onset = round(ONSET_SECONDS * sr)
    frame = round((begin - onset) / hop_length)
    first = max(0, begin - round(BEFORE_SECONDS * sr))
    last = min(len(y), end + round(AFTER_SECONDS * sr))
    piece = _faded(y[first:last], begin - first, last - end)
    levelled, gain = _level(piece, sr=sr)
    # The frame grid shifts the onset by at most half a hop.
    at = int(np.clip(frame * hop_length + onset - first, 0, len(piece) - 1))
    clip = place(levelled, n_samples, onset=at, sr=sr)
    begin_frame, end_frame = (first // hop_length) - frame, -(-last // hop_length) - frame
    weight = _trapezoid(n_samples // hop_length, begin_frame, end_frame)
    return Window(y=clip, gain=gain, frame=frame, weight=weight)


def _stretch(
    y: np.ndarray, begin: int, end: int, *, sr: int, n_samples: int, hop_length: int
) -> list[Window]:
    """Speech without a pause: clips that overlap by half, triangular weights that sum to one."""
    frames = n_samples // hop_length
    first = round((begin - round(ONSET_SECONDS * sr)) / hop_length)
    last = -(-(end + round(AFTER_SECONDS * sr)) // hop_length)
    count = max(2, 1 + -(-(last - first - frames) // (frames // 2)))
    windows = []
    for number in range(count):
        frame = first + number * (frames // 2)
        start = frame * hop_length
        inside = y[max(0, start) : max(0, start + n_samples)]
        clip = np.zeros(n_samples, np.float32)
        offset = max(0, -start)
        clip[offset : offset + len(inside)] = inside
        clip, gain = _level(clip, sr=sr)
        half = frames // 2
        rise = (np.arange(half, dtype=np.float32) + 0.5) / half
        weight = np.concatenate([np.ones(half, np.float32) if number == 0 else rise, rise[::-1]])
        if number == count - 1:
            weight[half:] = 1.0
        place_in = np.arange(frames) + frame
        # Pauses before and after the stretch stay silent.
        weight *= (place_in >= first) & (place_in < last)
        windows.append(Window(y=clip, gain=gain, frame=frame, weight=weight.astype(np.float32)))
    return windows


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
