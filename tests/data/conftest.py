"""A stand-in for FSDD, small and generated, and a cache of its own for every test."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from stand_ins import RELEASES

from course_lib.audio.files import write
from course_lib.data import fsdd
from course_lib.data.catalog import CATALOG
from course_lib.data.hashes import sha256_of
from course_lib.data.importing import import_published

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


@pytest.fixture(scope="module")
def releases(tmp_path_factory) -> dict[str, Path]:
    """A folder of each release. Read only."""
    made = {}
    for name, (make, _) in RELEASES.items():
        made[name] = make(tmp_path_factory.mktemp(name))
    return made


@pytest.fixture
def keep(releases):
    """Import a stand-in as if it were the whole release."""

    def run(name, source=None, **more):
        more = {"expected": RELEASES[name][1]} | more
        return import_published(CATALOG[name], releases[name] if source is None else source, **more)

    return run


@pytest.fixture
def copy(releases, tmp_path):
    """A copy of a release that a test may damage."""

    def run(name) -> Path:
        import shutil

        return Path(shutil.copytree(releases[name], tmp_path / "copy" / releases[name].name))

    return run
