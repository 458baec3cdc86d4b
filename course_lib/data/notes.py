"""Notes of five instrument families and four drums, made by rule when they are first needed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache, partial

import numpy as np

from course_lib.data.clips import ONSET_SECONDS
from course_lib.data.generated_dataset import GeneratedDataset
from course_lib.data.hashes import content_hash
from course_lib.data.note_clips import NoteClips
from course_lib.data.prepared import cached
from course_lib.paths import cache_dir, datasets_dir

# Raise when the synthesis or the list changes: what was made before is then made again.
VERSION = 1
INSTRUMENTS = ("pluck", "bell", "organ", "bowed", "flute")
DRUMS = ("kick", "snare", "hat", "tom")
LABELS = (*INSTRUMENTS, *DRUMS)
# Four octaves, C2 to B5.
PITCHES = range(36, 84)
VELOCITIES = (40, 80, 120)
VARIATIONS, DRUM_VARIATIONS = 2, 16
DETUNE_CENTS = 30.0
# General MIDI's numbers of the drums.
DRUM_PITCH = {"kick": 36, "snare": 38, "hat": 42, "tom": 45}
PITCH_NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")


@dataclass(frozen=True)
class Sheet:
    """One line of the list of notes: everything that its sound follows from."""

    name: str
    instrument: str
    pitch: int
    velocity: int
    cents: float
    take: int
    held_out: bool

    @property
    def seed(self) -> int:
        """Its own seed, from its name: no note depends on how many others there are."""
        return int.from_bytes(hashlib.sha256(self.name.encode()).digest()[:8])

    @property
    def sha256(self) -> str:
        """Hash of the recipe. The samples' own hash would differ between processors in the last bit."""
        return hashlib.sha256(f"{VERSION} {self}".encode()).hexdigest()


def pitch_name(midi: int) -> str:
    """``C4`` for 60."""
    return f"{PITCH_NAMES[midi % 12]}{midi // 12 - 1}"


@cache
def sheets() -> tuple[Sheet, ...]:
    """The list of notes, in order of label, pitch, velocity and variation.

    The first variation is in tune, the second up to 30 cents off. Held out is one velocity of each pitch in
    five, the same ones for every instrument, with both variations: each pitch and each velocity is heard in
    training, but not together. Of the drums the last three variations in sixteen are held out.
    """
    listed = []
    for instrument in INSTRUMENTS:
        for pitch in PITCHES:
            for place, velocity in enumerate(VELOCITIES):
                for take in range(VARIATIONS):
                    name = f"{instrument}_{pitch_name(pitch)}_v{velocity:03d}_{take}"
                    held_out = (pitch - PITCHES[0] + 2 * place) % 5 == 0
                    cents = _detune(name) if take else 0.0
                    listed.append(Sheet(name, instrument, pitch, velocity, cents, take, held_out))
    for name in DRUMS:
        for velocity in VELOCITIES:
            for take in range(DRUM_VARIATIONS):
                full = f"{name}_v{velocity:03d}_{take:02d}"
                held_out = take >= DRUM_VARIATIONS - 3
                listed.append(Sheet(full, name, DRUM_PITCH[name], velocity, 0.0, take, held_out))
    return tuple(listed)


def _detune(name: str) -> float:
    rng = np.random.default_rng(int.from_bytes(hashlib.sha256(f"detune {name}".encode()).digest()[:8]))
    return round(float(rng.uniform(-DETUNE_CENTS, DETUNE_CENTS)), 1)


def hashes() -> dict[str, str]:
    """{name: hash of the recipe} of every note."""
    return {sheet.name: sheet.sha256 for sheet in sheets()}


def load(*, sr: int = 8000, n_samples: int = 8192) -> NoteClips:
    """All notes and beats, each beginning at 64 ms; made in a few seconds the first time, then cached.

    Levels are those of the velocities, not normalised: how loud a note is belongs to how it was played.

    Raises
    ------
    ValueError
        A clip too short for a note, or a rate too low for the highest pitch.
    """
    shortest = round((ONSET_SECONDS + 0.25) * sr)
    if n_samples < shortest:
        raise ValueError(f"n_samples must be at least {shortest} at {sr} Hz; received {n_samples}")
    digest = content_hash(hashes())
    y, length = cached(digest, sr, n_samples, partial(_make, sr, n_samples))
    listed = sheets()
    return NoteClips(
        y=y,
        label=np.array([LABELS.index(sheet.instrument) for sheet in listed], np.int64),
        speaker=np.array([sheet.instrument for sheet in listed]),
        take=np.array([sheet.take for sheet in listed], np.int64),
        name=[sheet.name for sheet in listed],
        length=length,
        sr=sr,
        dataset="notes",
        sha256=digest,
        pitch=np.array([sheet.pitch for sheet in listed], np.int64),
        velocity=np.array([sheet.velocity for sheet in listed], np.int64),
        cents=np.array([sheet.cents for sheet in listed], np.float32),
        held_out=np.array([sheet.held_out for sheet in listed]),
    )


def _make(sr: int, n_samples: int) -> tuple[np.ndarray, np.ndarray]:
    """Clips, shape (clips, n_samples), and where the sound of each ends, shape (clips,)."""
    onset = round(ONSET_SECONDS * sr)
    y = np.zeros((len(sheets()), n_samples), np.float32)
    for row, sheet in enumerate(sheets()):
        y[row, onset:] = play_sheet(sheet, sr=sr, n_samples=n_samples - onset)
    return y, n_samples - np.argmax(y[:, ::-1] != 0, axis=1)


def play_sheet(sheet: Sheet, *, sr: int = 8000, n_samples: int = 8192) -> np.ndarray:
    """The sound of one line, shape (n_samples,), float32, from its first sample."""
    from course_lib.audio.synthesis.play import drum, note

    options = {"velocity": sheet.velocity, "sr": sr, "n_samples": n_samples, "seed": sheet.seed}
    if sheet.instrument in DRUMS:
        return drum(sheet.instrument, **options)
    return note(sheet.instrument, sheet.pitch, cents=sheet.cents, **options)


def pitched(clips: NoteClips) -> NoteClips:
    """Without the drums."""
    return clips.select(clips.label < len(INSTRUMENTS))


def split(clips: NoteClips) -> tuple[NoteClips, NoteClips]:
    """(train, test): see :func:`sheets` for what is held out."""
    return clips.select(~clips.held_out), clips.select(clips.held_out)


DATASET = GeneratedDataset(
    name="notes",
    title="Notes and drums",
    description="Five instrument families over four octaves and four drums; made by rule on first use.",
    licence="CC0 1.0",
    licence_url="https://creativecommons.org/publicdomain/zero/1.0/",
    url="datasets/cards/notes.md",
    citation="Latent Sound notes (2026), synthesised by course_lib.audio.synthesis",
    seconds=1632 * 8192 / 8000,
    bundled=True,
    folder=lambda: cache_dir() / "prepared",
    hashes=hashes,
    card=datasets_dir() / "cards" / "notes.md",
    remedy="load it: it is made within seconds",
    make=load,
    instruments=LABELS,
    labels=LABELS,
)
