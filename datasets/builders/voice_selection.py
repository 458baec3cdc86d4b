"""Which voices are fit to teach with, and how far apart they are."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from voice_checks import ClipNumbers, formants, judge_clip, timbre, word_features

# Limits on a voice's median over its words. Each keeps out voices that are plainly beyond it: the two
# whispers (voiced 0.02), "croak", "grandpa", "rob" and "Demonic" (harmonicity 4 to 5 dB), "AnxiousAndy" and
# "robosoft8" (pitch moves by half a semitone), "Jacky" and "steph" (nothing above 2 kHz).
LEAST_VOICED, LEAST_HARMONICITY, LEAST_F0_RANGE = 0.70, 6.0, 1.3
LEAST_FLATNESS, MOST_FLATNESS = 0.00013, 0.05
# Limits on its worst word.
SHORTEST, LONGEST = 0.12, 0.85
# Share of its words that a classifier which never heard the voice must get right.
LEAST_RECOGNISED = 0.9
# eSpeak NG's echo, per cent of the sound that comes back: above this it smears one word's end.
MOST_ECHO = 20
# Least distance between two voices, in units in which takes of one voice and word lie about 5 apart.
LEAST_DISTANCE = 12.0


@dataclass(frozen=True)
class Measured:
    """All numbers of one clip."""

    voice: str
    digit: int
    take: int
    numbers: ClipNumbers
    formants: np.ndarray
    timbre: np.ndarray
    word: np.ndarray
    clipped: float = 0.0


def measure(y: np.ndarray, sr: int, *, voice: str, digit: int, take: int, clipped: float = 0.0) -> Measured:
    """Measure one word ``y``, shape (samples,)."""
    return Measured(
        voice, digit, take, judge_clip(y, sr), formants(y, sr), timbre(y, sr), word_features(y, sr), clipped
    )


def recognised(clips: list[Measured]) -> dict[str, float]:
    """Share of each voice's words that a classifier trained on *other* voices gets right."""
    x = np.stack([clip.word for clip in clips])
    digit = np.array([clip.digit for clip in clips])
    voice = np.array([clip.voice for clip in clips])
    right = np.zeros(len(clips), bool)
    for train, test in GroupKFold(n_splits=min(6, len(set(voice)))).split(x, digit, voice):
        model = make_pipeline(StandardScaler(), SVC(C=10.0)).fit(x[train], digit[train])
        right[test] = model.predict(x[test]) == digit[test]
    return {name: float(right[voice == name].mean()) for name in sorted(set(voice))}


def medians(clips: list[Measured]) -> dict[str, float]:
    """Median of each clip number over one voice's clips."""
    names = [field.name for field in fields(ClipNumbers)]
    return {name: float(np.median([getattr(clip.numbers, name) for clip in clips])) for name in names}


def faults(clips: list[Measured], recognised: float, definition: dict[str, list[str]]) -> list[str]:
    """Why a voice is left out, each with its number; empty when it is fit."""
    middle = medians(clips)
    seconds = [clip.numbers.seconds for clip in clips]
    clipped = max(clip.clipped for clip in clips)
    echo = float(definition.get("echo", ["0", "0"])[1])
    found = {
        "robotic: the Klatt synthesiser": "klatt" in definition,
        f"robotic: an echo of {echo:.0f}": echo > MOST_ECHO,
        f"whispered: voiced {middle['voiced']:.2f}": middle["voiced"] < LEAST_VOICED,
        f"noise: flatness {middle['flatness']:.3f}": middle["flatness"] > MOST_FLATNESS,
        f"muffled: flatness {middle['flatness']:.5f}": middle["flatness"] < LEAST_FLATNESS,
        f"rough: harmonicity {middle['harmonicity']:.1f} dB": middle["harmonicity"] < LEAST_HARMONICITY,
        f"monotone: pitch moves {middle['f0_range']:.1f} semitones": middle["f0_range"] < LEAST_F0_RANGE,
        f"broken: {clipped:.2%} clipped": clipped > 0,
        f"broken: a word of {min(seconds):.2f} s": min(seconds) < SHORTEST,
        f"broken: a word of {max(seconds):.2f} s": max(seconds) > LONGEST,
        f"wrong: {recognised:.0%} of words recognised": recognised < LEAST_RECOGNISED,
    }
    return [reason for reason, is_so in found.items() if is_so]


def voice_cube(clips: list[Measured], voices: list[str]) -> np.ndarray:
    """Timbre and pitch of each clip in units of take-to-take spread: (voices, words, takes, 13)."""
    features: dict[tuple[str, int, int], np.ndarray] = {}
    for clip in clips:
        semitones = 12 * np.log2(max(clip.numbers.f0, 50.0))
        features[clip.voice, clip.digit, clip.take] = np.append(clip.timbre, semitones)
    takes = 1 + max(clip.take for clip in clips)
    cube = np.array([[[features[v, d, t] for t in range(takes)] for d in range(10)] for v in voices])
    within = (cube - cube.mean(axis=2, keepdims=True)).reshape(-1, cube.shape[-1])
    covariance = np.cov(within.T) * takes / (takes - 1)
    return cube @ np.linalg.cholesky(np.linalg.inv(covariance))


def distances(cube: np.ndarray) -> np.ndarray:
    """Distance of each pair of voices, word by word, averaged; infinite to itself."""
    centre = cube.mean(axis=2)
    between = np.sqrt(((centre[:, None] - centre[None]) ** 2).sum(axis=-1)).mean(axis=-1)
    np.fill_diagonal(between, np.inf)
    return between


def identified(cube: np.ndarray) -> float:
    """Share of last takes whose voice is found by the nearest mean of the earlier takes of the same word."""
    template, probe = cube[:, :, :-1].mean(axis=2), cube[:, :, -1]
    apart = ((probe[:, None] - template[None]) ** 2).sum(axis=-1)
    return float((apart.argmin(axis=1) == np.arange(len(cube))[:, None]).mean())


def near_duplicates(cube: np.ndarray, voices: list[str]) -> dict[str, str]:
    """Voices to drop until every pair is LEAST_DISTANCE apart: {voice: the one it is too close to}."""
    between = distances(cube)
    alive, dropped = list(range(len(voices))), {}
    while len(alive) > 1:
        table = between[np.ix_(alive, alive)]
        one, other = np.unravel_index(table.argmin(), table.shape)
        if table[one, other] >= LEAST_DISTANCE:
            break
        # Of a close pair, the one with the nearer second neighbour adds less.
        if np.partition(table[one], 1)[1] > np.partition(table[other], 1)[1]:
            one, other = other, one
        dropped[voices[alive[one]]] = f"a double of {voices[alive[other]]}: distance {table[one, other]:.1f}"
        alive.pop(one)
    return dropped
