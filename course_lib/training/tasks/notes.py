"""The task of timbre conversion: notes, and which instrument plays which pitch."""

from __future__ import annotations

from typing import Any

import numpy as np

from course_lib.audio.representation import Representation, from_config
from course_lib.data.note_clips import NoteClips
from course_lib.training.tasks.converted import Converted
from course_lib.training.tasks.score import Score, pitched
from course_lib.training.tasks.task import Task
from course_lib.training.training_data import load_training_clips
from course_lib.training.windows import NOTE_PAUSE_SECONDS, cut

# What is heard at the rungs: notes near middle C, each as the next instrument a fifth above would play it.
HEARD, HEARD_PITCH, INTERVAL = 3, 60, 7
# Fresh in every batch: by how many frames a note may begin sooner or later, and how uneven levels are.
FRAMES, LEVEL_DB = 1, 1.0


class Notes(Task):
    """Notes of many pitches by several instruments, without drums, whose pitch is none.

    Inputs are (features (batch, frames, bands), condition (batch, instruments + pitches)), the condition two
    ones among zeros; targets are the features.

    Parameters
    ----------
    config : dict
        Of the run.
    representation : dict
        ``config`` of what is fitted on the training notes, where the run has none yet.
    augment : bool
        Vary where notes begin and how loud they are.
    """

    def __init__(self, config: dict[str, Any], *, representation: dict[str, Any], augment: bool):
        clips = load_training_clips(config)
        classes = clips.classes
        every, train, held_out = (
            pitched(side, classes) for side in (clips.every, clips.train, clips.held_out)
        )
        self.score = Score.of(every, classes)
        self._hop_length = int((config.get("representation") or representation)["hop_length"])
        sounds, held_out_sounds = (self._levelled(side) for side in (train, held_out))
        self.representation = _representation(config, representation, sounds, sr=every.sr)
        self._train, self._held_out = (self.representation.encode(y) for y in (sounds, held_out_sounds))
        self._conditions, self._held_out_conditions = (
            self.score.rows(self.score.numbers(side, classes)) for side in (train, held_out)
        )
        # What silence is, band by band.
        self._floor = self._train.min(axis=(0, 1))
        self.augment = augment
        self.shape = self.representation.shape
        self.size = len(train)
        self.initial = self._train
        dataset = clips.facts["dataset"] | {"train": len(train), "test": len(every) - len(train)}
        self.facts = clips.facts | {
            "dataset": dataset,
            "validation": {"clips": len(held_out), "of": dataset["test"]},
            "conditions": self.score.conditions,
            "representation": self.representation.config,
        }
        self._exhibit = self._hear(every, held_out, classes)

    def batch(self, rows, rng):
        features = self._train[rows]
        if self.augment:
            features = self._varied(features, rng)
        return (features, self._conditions[rows]), features

    def held_out(self):
        return (self._held_out, self._held_out_conditions), self._held_out

    def exhibit(self):
        return self._exhibit

    def _levelled(self, clips: NoteClips) -> np.ndarray:
        return levelled_notes(clips, hop_length=self._hop_length)

    def _varied(self, features: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """A little sooner or later, a little louder or softer; silence stays silence."""
        late = rng.integers(-FRAMES, FRAMES + 1, len(features))
        moved = np.stack([np.roll(clip, n, axis=0) for clip, n in zip(features, late, strict=True)])
        nepers = rng.normal(0, LEVEL_DB, (len(features), 1, 1)) * np.log(10) / 20
        louder = moved + np.float32(nepers / self.representation.scaling.scale)
        return np.where(moved > self._floor, np.maximum(louder, self._floor), moved).astype(np.float32)

    def _hear(self, every: NoteClips, held_out: NoteClips, classes) -> Converted:
        """Held-out notes of several instruments, and real notes of what each is asked to become."""
        near = np.argsort(np.abs(held_out.pitch - HEARD_PITCH), kind="stable")
        labels = sorted(set(every.label.tolist()))
        heard = [near[held_out.label[near] == label][:1] for label in labels]
        chosen = held_out.select(np.concatenate(heard)[:HEARD])
        wanted = []
        for label, pitch, velocity in zip(chosen.label, chosen.pitch, chosen.velocity, strict=True):
            other = labels[(labels.index(int(label)) + 1) % len(labels)]
            own = np.flatnonzero(every.label == other)
            # The nearest pitch; among its notes one in tune, played about as hard.
            unlike = np.abs(every.pitch[own] - pitch - INTERVAL) + np.abs(every.cents[own]) / 100
            unlike += np.abs(every.velocity[own] - velocity) / 1000
            wanted.append(int(own[np.argmin(unlike)]))
        target = every.select(np.array(wanted))
        here, there = (self.score.numbers(side, classes) for side in (chosen, target))
        names = [f"{self.score.name(a)} as {self.score.name(b)}" for a, b in zip(here, there, strict=True)]
        rows = [
            {"name": name, "word": word, "label": int(label), "speaker": str(speaker)}
            for name, word, label, speaker in zip(
                chosen.name, names, chosen.label, chosen.speaker, strict=True
            )
        ]
        sounds = (self._levelled(side) for side in (chosen, target))
        return Converted(*sounds, self.score.rows(here), self.score.rows(there), self.representation, rows)


def levelled_notes(clips: NoteClips, *, hop_length: int) -> np.ndarray:
    """Sounds of ``clips``, shape (clips, samples), cut and levelled as the verbs cut and level a recording.

    What a model has learnt is then what it hears. A note that is cut into several pieces is its first one.
    """
    made = np.zeros_like(clips.y)
    for row, y in enumerate(clips.y):
        sizes = {"n_samples": len(y), "hop_length": hop_length}
        windows = cut(y, sr=clips.sr, pause_seconds=NOTE_PAUSE_SECONDS, **sizes)
        if windows:
            made[row] = windows[0].y
    return made


def _representation(config, unfitted: dict[str, Any], sounds: np.ndarray, *, sr: int) -> Representation:
    fitted = config.get("representation")
    if fitted is not None:
        return from_config(fitted)
    return from_config(unfitted | {"sr": sr, "n_samples": sounds.shape[1]}).fit(sounds)
