"""Build the bundled digits from eSpeak NG, or measure them again.

    python datasets/builders/spoken_digits.py --report             # numbers of the bundled files
    python datasets/builders/spoken_digits.py --build FOLDER       # audition all voices, keep the fit ones
    python datasets/builders/spoken_digits.py --pictures FOLDER    # spectrograms of the bundled files

Building needs the command ``espeak-ng`` 1.51; reporting does not. The built files are frozen by the SHA-256
in the manifest: another machine may round a sample differently.
"""

from __future__ import annotations

import argparse
import csv
import os
import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from espeak import definition, speak, variants
from voice_report import print_report, write_pictures
from voice_selection import Measured, faults, measure, medians, near_duplicates, recognised, voice_cube

from course_lib.data.clips import normalise_level, trim
from course_lib.data.hashes import sha256_of

SR = 8000
TAKES = 3
WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
# eSpeak NG's name of each accent and ours. "en" is British English: the synonym "en-gb" ignores variants.
ACCENTS = {
    "en": "gb",
    "en-us": "us",
    "en-gb-scotland": "scotland",
    "en-gb-x-rp": "rp",
    "en-029": "caribbean",
    "en-gb-x-gbclan": "lancaster",
    "en-gb-x-gbcwmd": "midlands",
    "en-us-nyc": "newyork",
}
# 13 bits lie 61 dB under the speech, beyond the representation's floor, and save a quarter of the size.
BITS = 13
TEST_SHARE = 5


@dataclass(frozen=True)
class Voice:
    """One speaker: a variant's timbre, an accent, a usual pitch (0 to 99) and rate (words a minute)."""

    name: str
    variant: str
    accent: str
    pitch: int
    rate: int


@dataclass(frozen=True)
class Spoken:
    """One synthesised clip and the settings it was made with."""

    voice: Voice
    digit: int
    take: int
    pitch: int
    rate: int
    y: np.ndarray
    clipped: float

    @property
    def file(self) -> str:
        """File name, in the form of FSDD's."""
        return f"{self.digit}_{self.voice.name}_{self.take}.flac"


def candidates() -> list[Voice]:
    """Every variant once, with accents dealt in turn and pitches spread evenly."""
    found = []
    accents = list(ACCENTS)
    for index, variant in enumerate(variants()):
        accent = accents[index % len(accents)]
        # Golden-ratio steps cover a range evenly however many voices are left out later.
        spread = index * 0.6180339887 % 1.0
        is_high = float(definition(variant).get("pitch", ["82"])[0]) > 140
        pitch = round(28 + 36 * spread) if is_high else round(40 + 45 * spread)
        name = f"{variant.lower().replace(' ', '-')}-{ACCENTS[accent]}"
        found.append(Voice(name, variant, accent, pitch, rate=round(142 + 40 * (index * 0.7548776662 % 1.0))))
    return found


def take_settings(voice: Voice, digit: int) -> list[tuple[int, int]]:
    """(pitch, rate) of each take: low, middle and high of both in a seeded order, with some jitter."""
    rng = np.random.default_rng(zlib.crc32(f"{voice.name} {digit}".encode()))
    pitch = voice.pitch + rng.permutation([-8, 0, 8]) + rng.integers(-3, 4, TAKES)
    rate = voice.rate * rng.permutation([0.88, 1.0, 1.14]) * rng.uniform(0.97, 1.03, TAKES)
    return [(int(np.clip(p, 0, 99)), round(float(r))) for p, r in zip(pitch, rate, strict=True)]


def synthesise(voices: list[Voice]) -> list[Spoken]:
    """All takes of all words of all voices, trimmed, at one level and ``BITS`` bits."""

    def one(job: tuple[Voice, int, int, int, int]) -> Spoken:
        voice, digit, _, pitch, rate = job
        y, clipped = speak(
            WORDS[digit], accent=voice.accent, variant=voice.variant, pitch=pitch, rate=rate, sr=SR
        )
        y = normalise_level(trim(y - y.mean(), sr=SR), sr=SR)
        steps = 1 << (BITS - 1)
        return Spoken(*job, np.clip(np.round(y * steps), -steps, steps - 1) / steps, clipped)

    jobs = [
        (voice, digit, take, pitch, rate)
        for voice in voices
        for digit in range(10)
        for take, (pitch, rate) in enumerate(take_settings(voice, digit))
    ]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(one, jobs))


def audition(spoken: list[Spoken]) -> tuple[list[str], list[dict[str, str]]]:
    """Names of the voices to keep, and a row of numbers and reasons for every candidate."""
    clips = [
        measure(s.y, SR, voice=s.voice.name, digit=s.digit, take=s.take, clipped=s.clipped) for s in spoken
    ]
    by_voice: dict[str, list[Measured]] = {}
    for clip in clips:
        by_voice.setdefault(clip.voice, []).append(clip)
    voices = {s.voice.name: s.voice for s in spoken}
    right = recognised(clips)
    why = {
        name: faults(mine, right[name], definition(voices[name].variant)) for name, mine in by_voice.items()
    }
    fit = [name for name in by_voice if not why[name]]
    cube = voice_cube([clip for clip in clips if clip.voice in fit], fit)
    for name, reason in near_duplicates(cube, fit).items():
        why[name].append(reason)
    keep = [name for name in fit if not why[name]]
    # Every fifth voice in the order of pitch tests: low and high voices are on both sides.
    by_pitch = sorted(keep, key=lambda name: medians(by_voice[name])["f0"])
    test = set(by_pitch[2::TEST_SHARE])
    rows = []
    for name, mine in by_voice.items():
        numbers = {key: f"{value:.4g}" for key, value in medians(mine).items()}
        rows.append(
            {
                "voice": name,
                "variant": voices[name].variant,
                "accent": voices[name].accent,
                "split": "left out" if why[name] else "test" if name in test else "train",
                "reason": "; ".join(why[name]),
                "recognised": f"{right[name]:.3f}",
                **numbers,
            }
        )
    return keep, rows


def write_recording(path: Path, y: np.ndarray) -> None:
    """Write ``y``, shape (samples,), in [-1, 1), as 16-bit FLAC."""
    pcm = np.round(y * 32768).astype(np.int16)
    soundfile.write(path, pcm, SR, format="FLAC", subtype="PCM_16", compression_level=1.0)


def write_table(path: Path, rows: list[dict[str, str]]) -> None:
    """Write rows as CSV with Unix line ends."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def build(folder: Path) -> None:
    """Audition every voice and write recordings, manifest.csv and voices.csv into an empty ``folder``."""
    recordings = folder / "recordings"
    recordings.mkdir(parents=True)
    spoken = synthesise(candidates())
    keep, judged = audition(spoken)
    split = {row["voice"]: row["split"] for row in judged}
    manifest = []
    for s in sorted(spoken, key=lambda s: (s.voice.name, s.digit, s.take)):
        if s.voice.name not in keep:
            continue
        path = recordings / s.file
        write_recording(path, s.y)
        manifest.append(
            {
                "file": s.file,
                "digit": s.digit,
                "voice": s.voice.name,
                "take": s.take,
                "split": split[s.voice.name],
                "accent": s.voice.accent,
                "variant": s.voice.variant,
                "pitch": s.pitch,
                "rate": s.rate,
                "samples": len(s.y),
                "sha256": sha256_of(path),
            }
        )
    write_table(folder / "manifest.csv", manifest)
    write_table(folder / "voices.csv", judged)
    print(f"{len(keep)} of {len(judged)} voices, {len(manifest):,} clips in {folder}")


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Build or measure the bundled spoken digits.")
    group = parser.add_mutually_exclusive_group(required=True)
    group.add_argument("--build", type=Path, metavar="FOLDER", help="make the data set in a new folder")
    group.add_argument("--report", action="store_true", help="print the numbers of the bundled files")
    group.add_argument(
        "--pictures", type=Path, metavar="FOLDER", help="draw spectrograms of the bundled files"
    )
    arguments = parser.parse_args()
    if arguments.build:
        build(arguments.build)
    elif arguments.report:
        print_report()
    else:
        write_pictures(arguments.pictures)


if __name__ == "__main__":
    main()
