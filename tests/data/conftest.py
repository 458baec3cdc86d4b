"""A stand-in for FSDD, small and generated, and a cache of its own for every test."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from course_lib.audio.files import write
from course_lib.data import fsdd
from course_lib.data.hashes import sha256_of

SPEAKERS = ("george", "lucas", "theo")
TAKES = 6


@dataclass(frozen=True)
class Release:
    """A folder named for a release with ``recordings`` inside, and the hashes of its files."""

    root: Path
    expected: dict[str, str]

    @property
    def recordings(self) -> Path:
        return self.root / "recordings"


def word(seed: int, *, sr: int = 8000) -> np.ndarray:
    """A gliding buzz between two stretches of faint noise, as long as a spoken digit."""
    rng = np.random.default_rng(seed)
    t = np.arange(int(sr * rng.uniform(0.2, 0.5))) / sr
    phase = 2 * np.pi * np.cumsum(120 + 60 * rng.uniform() + 40 * t) / sr
    buzz = sum(np.sin(k * phase) / k for k in range(1, 10)) * np.clip(np.sin(np.pi * t / t[-1]), 0, 1) ** 0.3
    y = np.concatenate([np.zeros(700), 0.1 * buzz, np.zeros(900)])
    return (y + 0.0003 * rng.normal(size=len(y))).astype(np.float32)


@pytest.fixture(scope="session")
def release(tmp_path_factory) -> Release:
    """180 recordings: three speakers, ten digits, six takes. Read only."""
    root = tmp_path_factory.mktemp("release") / "free-spoken-digit-dataset-1.0.10"
    (root / "recordings").mkdir(parents=True)
    (root / "README.md").write_text("Free Spoken Digit Dataset")
    expected = {}
    for speaker_index, speaker in enumerate(SPEAKERS):
        for digit in range(10):
            for take in range(TAKES):
                path = root / "recordings" / f"{digit}_{speaker}_{take}.wav"
                write(path, word(1000 * speaker_index + 10 * digit + take))
                expected[path.name] = sha256_of(path)
    return Release(root, expected)


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch) -> Path:
    """An empty cache: no test sees or touches the user's."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("COURSE_CACHE", str(folder))
    return folder


@pytest.fixture
def as_fsdd(release, monkeypatch) -> Release:
    """Make the stand-in's hashes the ones that the project commits."""
    monkeypatch.setattr(fsdd, "_committed_hashes", lambda: release.expected)
    return release
