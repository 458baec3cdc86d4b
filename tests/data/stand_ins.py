"""Tiny releases in the layouts of the published data sets: few recordings, right names, right lists."""

from __future__ import annotations

import csv
import json
import zipfile
from pathlib import Path

import numpy as np
import soundfile

from course_lib.data.audiomnist import TEST_SPEAKERS, VALIDATION_SPEAKERS
from course_lib.data.dataset import DIGITS
from course_lib.data.esc50 import CLASSES


def tone(seed: int, sr: int, seconds: float = 0.6) -> np.ndarray:
    """A gliding buzz with silence around it."""
    rng = np.random.default_rng(seed)
    t = np.arange(round(seconds * sr)) / sr
    phase = 2 * np.pi * (110 + 90 * rng.uniform() + 30 * t) * t
    inside = np.clip(np.sin(np.pi * (t / seconds - 0.15) / 0.7), 0, 1) ** 0.4 * (t > 0.15 * seconds)
    buzz = sum(np.sin(k * phase) / k for k in range(1, 8)) * inside
    return (0.15 * buzz + 2e-4 * rng.normal(size=len(t))).astype(np.float32)


def _wav(path: Path, y: np.ndarray, sr: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, y, sr, subtype="PCM_16")


def audiomnist(root: Path) -> Path:
    """Three speakers, one for each part; ten digits, two takes: 60 recordings."""
    release = root / "AudioMNIST-master"
    speakers = ["01", f"{min(VALIDATION_SPEAKERS):02d}", f"{min(TEST_SPEAKERS):02d}"]
    for speaker in speakers:
        for digit in range(10):
            for take in range(2):
                seed = int(speaker) * 100 + digit * 10 + take
                path = release / "data" / speaker / f"{digit}_{speaker}_{take}.wav"
                _wav(path, tone(seed, 48_000), 48_000)
    meta = {speaker: {"age": 30, "gender": "female", "accent": "German"} for speaker in speakers}
    (release / "data" / "audioMNIST_meta.txt").write_text(json.dumps(meta))
    (release / "README.md").write_text("AudioMNIST")
    _wav(release / "recording_scripts" / "beep.wav", tone(1, 48_000), 48_000)
    return release


WORDS = ("zero", "seven", "nine", "yes", "marvin")
SPEAKERS = ("0a7c2a8d", "1b4c9b89", "ffd2ba2f", "00f0204f")


def speech_commands(root: Path) -> Path:
    """Five words by four speakers, two takes: 40 recordings, 24 of digits; the last speaker tests."""
    release = root / "speech_commands_v0.02"
    for w, word in enumerate(WORDS):
        for s, speaker in enumerate(SPEAKERS):
            for take in range(2):
                path = release / word / f"{speaker}_nohash_{take}.wav"
                _wav(path, tone(100 * w + 10 * s + take, 16_000, 1.0), 16_000)
    lists = {"validation_list.txt": SPEAKERS[2], "testing_list.txt": SPEAKERS[3]}
    for name, speaker in lists.items():
        lines = [f"{word}/{speaker}_nohash_{take}.wav" for word in WORDS for take in range(2)]
        (release / name).write_text("\n".join(lines) + "\n")
    _wav(release / "_background_noise_" / "pink_noise.wav", tone(7, 16_000, 3.0), 16_000)
    (release / "LICENSE").write_text("CC BY 4.0")
    return release


def nsynth(root: Path) -> Path:
    """Six basses and two flutes, three pitches, two velocities: 48 notes; the fifth bass tests."""
    release = root / "nsynth-test"
    examples = {}
    instruments = [f"bass_synthetic_{n:03d}" for n in range(6)] + [
        "flute_acoustic_002",
        "flute_electronic_010",
    ]
    for i, instrument in enumerate(instruments):
        for pitch in (36, 48, 60):
            for velocity in (25, 127):
                name = f"{instrument}-{pitch:03d}-{velocity:03d}"
                t = np.arange(16_000) / 16_000
                hertz = 440 * 2 ** ((pitch - 69) / 12)
                y = velocity / 254 * np.sin(2 * np.pi * hertz * (1 + 1e-3 * i) * t) * np.exp(-2 * t)
                _wav(release / "audio" / f"{name}.wav", y, 16_000)
                examples[name] = {"pitch": pitch, "velocity": velocity, "instrument_str": instrument}
    (release / "examples.json").write_text(json.dumps(examples))
    return release


def esc50(root: Path) -> Path:
    """Two classes, five folds, one original each, two fragments of the first: 12 recordings."""
    release = root / "ESC-50-master"
    rows = []
    for target in (0, 10):
        for fold in range(1, 6):
            for letter in "AB" if fold == 1 else "A":
                original = 1000 * target + fold
                name = f"{fold}-{original}-{letter}-{target}.wav"
                y = 0.01 * np.random.default_rng(original).normal(size=44_100 * 2)
                y[44_100:] *= 10
                _wav(release / "audio" / name, y, 44_100)
                rows.append((name, fold, target, CLASSES[target], target == 0, original, letter))
    (release / "meta").mkdir()
    with (release / "meta" / "esc50.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("filename", "fold", "target", "category", "esc10", "src_file", "take"))
        writer.writerows(rows)
    (release / "LICENSE").write_text("who recorded what")
    return release


def own(root: Path) -> Path:
    """Three digits in subfolders, two speakers in a second level, in four formats: 24 recordings."""
    folder = root / "my recordings"
    formats = {".wav": None, ".flac": None, ".ogg": "VORBIS", ".mp3": None}
    seed = 0
    for digit in (1, 2, 3):
        for speaker in ("ana", "ben"):
            for suffix, subtype in formats.items():
                path = folder / DIGITS[digit] / speaker / f"take{seed}{suffix}"
                path.parent.mkdir(parents=True, exist_ok=True)
                soundfile.write(path, tone(seed, 22_050), 22_050, subtype=subtype)
                seed += 1
    (folder / "notes.txt").write_text("recorded on Monday")
    (folder / ".DS_Store").write_text("")
    return folder


RELEASES = {
    "audiomnist": (audiomnist, 60),
    "speech_commands": (speech_commands, 40),
    "sc09": (speech_commands, 24),
    "nsynth": (nsynth, 48),
    "esc50": (esc50, 12),
}


def zipped(release: Path, target: Path) -> Path:
    """The release as the archive that GitHub makes of it."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(release.rglob("*")):
            archive.write(path, path.relative_to(release.parent))
    return target
