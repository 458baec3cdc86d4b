"""Equally long clips with their labels, and how a recording of any length becomes one."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np

from course_lib.audio.files import AudioError, check_samples
from course_lib.audio.level import active_rms

# Where the sound begins in every clip: 64 ms, a whole number of default hops.
ONSET_SECONDS = 0.064
# A frame counts as speech when it is at most this much quieter than the clip's loud frames ...
SPEECH_RANGE_DB = 32.0
# ... and this much louder than its quietest ones (the room, the recorder).
ABOVE_NOISE_DB = 9.0
# The energy is measured over 12 ms in steps of 2 ms; a click shorter than 16 ms is not speech.
FRAME_SECONDS, STEP_SECONDS, SHORTEST_SECONDS = 0.012, 0.002, 0.016
# From the loudest stretch outwards: a click, a breath or a voice beyond a longer gap is no part of the word.
# The closure before the last consonant of "eight" lasts up to 0.2 s; before a vowel gaps are short.
GAP_BEFORE_SECONDS, GAP_AFTER_SECONDS = 0.08, 0.25
# Kept on either side of the speech and faded: a weak start and a dying end.
MARGIN_BEFORE_SECONDS, MARGIN_AFTER_SECONDS = 0.032, 0.048


@dataclass(frozen=True, eq=False)
class Clips:
    """Recordings cut to one length.

    Attributes
    ----------
    y : np.ndarray, shape (clips, n_samples), float32
        Samples, full scale [-1, 1].
    label : np.ndarray, shape (clips,), int64
        The digit, 0 to 9.
    speaker : np.ndarray, shape (clips,), str
        Who speaks.
    take : np.ndarray, shape (clips,), int64
        Number of the repetition.
    name : list of str
        File name of each clip.
    length : np.ndarray, shape (clips,), int64
        Where the sound ends: ``y[i, length[i]:]`` is padding, exact zeros.
    sr : int
        Sampling rate in Hz.
    dataset : str
        Name in the catalog.
    sha256 : str
        Hash of the data set's list of file hashes: says exactly which recordings these came from.
    """

    y: np.ndarray
    label: np.ndarray
    speaker: np.ndarray
    take: np.ndarray
    name: list[str]
    length: np.ndarray
    sr: int
    dataset: str
    sha256: str

    def __post_init__(self):
        # A subclass may describe its clips by more arrays: they are checked and selected alike.
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, (np.ndarray, list)) and len(value) != len(self.y):
                raise ValueError(f"expected {len(self.y)} values of {field.name}; received {len(value)}")

    def __len__(self) -> int:
        return len(self.y)

    def select(self, index) -> Clips:
        """The clips that a boolean mask, shape (clips,), or an array of integer indices chooses."""
        index = np.asarray(index)
        if index.dtype == bool and index.shape != (len(self),):
            raise ValueError(f"expected a mask of shape ({len(self)},); received {index.shape}")
        index = np.flatnonzero(index) if index.dtype == bool else index.astype(np.int64).reshape(-1)
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        arrays = {name: value[index] for name, value in values.items() if isinstance(value, np.ndarray)}
        return replace(self, **arrays, name=[self.name[i] for i in index])


def normalise_level(y: np.ndarray, *, rms_db: float = -22.0, sr: int = 8000) -> np.ndarray:
    """Scale ``y``, shape (samples,), to a speech-active level of ``rms_db`` dB re full scale.

    A sound whose peak would leave [-1, 1] is scaled to a peak of 1 instead; silence stays silence.
    """
    y = check_samples(y)
    rms = active_rms(y, sr=sr)
    if rms == 0:
        return y
    gain = 10 ** (rms_db / 20) / rms
    return (y * min(gain, 1 / float(np.abs(y).max()))).astype(np.float32)


def find_speech(y: np.ndarray, *, sr: int = 8000) -> tuple[int, int]:
    """First and one-past-last sample of the speech in ``y``, shape (samples,); (0, samples) if there is none.

    The thresholds are relative to the clip's own loud and quiet frames, so the answer is the same at any
    level: two speakers of FSDD are 5 to 8 times quieter than the others.
    """
    size, step = round(FRAME_SECONDS * sr), round(STEP_SECONDS * sr)
    # A first difference removes offset and rumble, which hold no speech, and lifts weak consonants.
    edges = np.diff(np.asarray(y, np.float64), prepend=y[:1], append=y[-1:])
    padded = np.pad(edges[:-1], (size // 2, size - size // 2))
    cumulative = np.concatenate([[0.0], np.cumsum(padded**2)])
    starts = np.arange(0, len(y), step)
    power = np.maximum(cumulative[starts + size] - cumulative[starts], 0.0) / size
    if not power.max() > 0:
        return 0, len(y)
    level = 10 * np.log10(np.maximum(power, power.max() * 1e-12))
    loud, quiet = np.percentile(level, 95), np.percentile(level, 2)
    # Speech that fills the whole clip has no quiet frame: the noise rule must not eat into it.
    threshold = max(loud - SPEECH_RANGE_DB, min(quiet + ABOVE_NOISE_DB, loud - 20.0))
    runs = np.flatnonzero(np.diff(np.concatenate([[0], level > threshold, [0]])))
    begins, ends = runs[::2], runs[1::2]
    long_enough = ends - begins >= SHORTEST_SECONDS / STEP_SECONDS
    if not long_enough.any():
        return 0, len(y)
    begins, ends = begins[long_enough], ends[long_enough]
    # The vowel, by plain energy: the first difference would find the burst of a final "t" louder.
    energy = [np.square(y[starts[b] : starts[e - 1] + step]).sum() for b, e in zip(begins, ends, strict=True)]
    first = last = int(np.argmax(energy))
    while first > 0 and begins[first] - ends[first - 1] <= GAP_BEFORE_SECONDS / STEP_SECONDS:
        first -= 1
    while last < len(begins) - 1 and begins[last + 1] - ends[last] <= GAP_AFTER_SECONDS / STEP_SECONDS:
        last += 1
    return int(starts[begins[first]]), int(min(len(y), starts[ends[last] - 1] + step))


def _fade(y: np.ndarray, before: int, after: int) -> np.ndarray:
    """Raised-cosine fades over the first and last samples."""
    y = y.copy()
    if before:
        y[:before] *= (0.5 - 0.5 * np.cos(np.pi * (np.arange(before) + 0.5) / before)).astype(np.float32)
    if after:
        y[-after:] *= (0.5 + 0.5 * np.cos(np.pi * (np.arange(after) + 0.5) / after)).astype(np.float32)
    return y


def trim(y: np.ndarray, *, sr: int = 8000) -> np.ndarray:
    """Cut ``y``, shape (samples,), to its speech with short faded margins; never longer than ``y``."""
    y = check_samples(y)
    begin, end = find_speech(y, sr=sr)
    return _cut(y, begin, end, sr=sr)[0]


def _cut(y: np.ndarray, begin: int, end: int, *, sr: int) -> tuple[np.ndarray, int]:
    """Speech with its margins, faded, and how many samples of margin come before it."""
    before = min(begin, round(MARGIN_BEFORE_SECONDS * sr))
    after = min(len(y) - end, round(MARGIN_AFTER_SECONDS * sr))
    return _fade(y[begin - before : end + after], before, after), before


def place(y: np.ndarray, n_samples: int = 8192, *, onset: int = 0, sr: int = 8000) -> np.ndarray:
    """Put ``y``, shape (samples,), into a clip of ``n_samples`` so that its sample ``onset`` lies 64 ms in.

    What comes before the clip's start or after its end is cut with a fade of 8 ms; the rest is zeros.
    """
    y = check_samples(y)
    target = round(ONSET_SECONDS * sr)
    if not target < n_samples:
        raise ValueError(f"n_samples must exceed the onset's place, {target}; received {n_samples}")
    if not 0 <= onset < len(y):
        raise ValueError(f"onset must lie in [0, {len(y)}); received {onset}")
    clip = np.zeros(n_samples, np.float32)
    shift = target - onset
    part = y[max(0, -shift) : n_samples - shift]
    fade = min(round(0.008 * sr), len(part) // 2)
    part = _fade(part, fade if shift < 0 else 0, fade if len(y) + shift > n_samples else 0)
    clip[max(0, shift) : max(0, shift) + len(part)] = part
    return clip


def prepare(y: np.ndarray, n_samples: int = 8192, *, sr: int = 8000) -> tuple[np.ndarray, int]:
    """Turn a recording of any length into a clip: offset removed, trimmed, levelled, aligned.

    Parameters
    ----------
    y : np.ndarray, shape (samples,)
        One spoken word in [-1, 1].
    n_samples : int
        Samples of the clip.

    Returns
    -------
    clip : np.ndarray, shape (n_samples,), float32
        Speech begins at 64 ms in every clip.
    length : int
        Where the sound ends; the rest is zeros.

    Raises
    ------
    AudioError
        Not mono, empty, NaN, or silent.
    """
    y = check_samples(y)
    y = y - np.float32(y.mean(dtype=np.float64))
    if not np.abs(y).max() > 1e-6:
        raise AudioError("the recording is silent; record it again")
    begin, end = find_speech(y, sr=sr)
    speech, before = _cut(y, begin, end, sr=sr)
    clip = place(normalise_level(speech, sr=sr), n_samples, onset=before, sr=sr)
    return clip, min(n_samples, round(ONSET_SECONDS * sr) - before + len(speech))
