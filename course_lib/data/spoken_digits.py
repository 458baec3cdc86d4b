"""The bundled digits: ten words by many synthetic voices, so that every lab runs offline."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

from course_lib.data.dataset import Dataset
from course_lib.data.errors import DatasetError
from course_lib.paths import datasets_dir


def folder() -> Path:
    """Where the recordings are."""
    return datasets_dir() / "spoken_digits" / "recordings"


@cache
def manifest() -> tuple[dict[str, str], ...]:
    """The rows of the manifest: file, digit, voice, take, split, sha256 and the synthesiser's settings."""
    path = datasets_dir() / "spoken_digits" / "manifest.csv"
    if not path.is_file():
        raise DatasetError(
            f"the bundled digits have no manifest at {path}; restore the folder from the project"
        )
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def hashes() -> dict[str, str]:
    """{file name: SHA-256} of every recording."""
    return {row["file"]: row["sha256"] for row in manifest()}


def test_voices() -> list[str]:
    """Voices that the manifest keeps for testing."""
    return sorted({row["voice"] for row in manifest() if row["split"] == "test"})


DATASET = Dataset(
    name="digits",
    title="Spoken digits",
    description="Ten digits in English by 50 synthetic voices, three takes each; 8 kHz, bundled.",
    licence="CC0 1.0",
    licence_url="https://creativecommons.org/publicdomain/zero/1.0/",
    url="datasets/cards/spoken_digits.md",
    citation=(
        "Latent Sound spoken digits (2026), synthesised with eSpeak NG 1.51, https://github.com/espeak-ng/espeak-ng"
    ),
    seconds=695.052,
    bundled=True,
    folder=folder,
    hashes=hashes,
    card=datasets_dir() / "cards" / "spoken_digits.md",
    remedy="restore the folder, for example by 'git checkout datasets/spoken_digits'",
)
