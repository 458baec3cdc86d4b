"""Speech Commands v0.02: 35 words by thousands of people, and its ten digits alone (SC09)."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import partial
from pathlib import Path, PurePosixPath

from course_lib.data.archive import Limits
from course_lib.data.dataset import DIGITS
from course_lib.data.errors import DatasetError
from course_lib.data.index import Recording, read_index
from course_lib.data.published_dataset import PublishedDataset
from course_lib.data.release import Release
from course_lib.paths import cache_dir, datasets_dir

WORDS = (
    *("backward", "bed", "bird", "cat", "dog", "down", "eight", "five", "follow", "forward", "four", "go"),
    *(
        "happy",
        "house",
        "learn",
        "left",
        "marvin",
        "nine",
        "no",
        "off",
        "on",
        "one",
        "right",
        "seven",
        "sheila",
    ),
    *("six", "stop", "three", "tree", "two", "up", "visual", "wow", "yes", "zero"),
)
# The authors' lists; everything on neither trains. They hash the speaker, so nobody is on two sides.
LISTS = {"testing_list.txt": "test", "validation_list.txt": "validation"}
_FILE = re.compile(r"([0-9a-f]{8})_nohash_([0-9]{1,4})\.wav")
CITATION = (
    "Pete Warden (2018). Speech Commands: A Dataset for Limited-Vocabulary Speech Recognition. "
    "arXiv:1804.03209. https://arxiv.org/abs/1804.03209"
)
ARCHIVE = "https://storage.googleapis.com/download.tensorflow.org/data/speech_commands_v0.02.tar.gz"


class SpeechCommandsLayout:
    """``<word>/<speaker>_nohash_<take>.wav`` and the lists of what tests and validates.

    Parameters
    ----------
    words : tuple of str
        The words that are kept.
    """

    def __init__(self, words: tuple[str, ...]):
        self.words = frozenset(words)

    def keep(self, path: PurePosixPath) -> str | None:
        if path.name in LISTS:
            return path.name
        if path.parent.name in self.words and _FILE.fullmatch(path.name):
            return f"{path.parent.name}/{path.name}"
        return None

    def recordings(self, folder: Path, files: Collection[str]) -> list[Recording]:
        sounds = [file for file in files if file not in LISTS]
        split = {}
        for name, part in LISTS.items():
            if sounds and name not in files:
                raise DatasetError(
                    f"{name} is missing: it says which recordings are for what; give the whole release"
                )
            if name in files:
                split |= dict.fromkeys((folder / name).read_text(encoding="utf-8").split(), part)
        listed = []
        for file in sounds:
            word, name = file.split("/")
            speaker, take = _FILE.fullmatch(name).groups()
            listed.append(Recording(file, word, speaker, int(take), split.get(file, "train")))
        return listed


def folder(name: str) -> Path:
    """Where imported recordings are kept."""
    return cache_dir() / name


def hashes(name: str) -> dict[str, str]:
    """{file: SHA-256} of what is here, as listed when it was imported."""
    return {recording.file: recording.sha256 for recording in read_index(folder(name))}


def _dataset(name: str, *, words: tuple[str, ...], **facts) -> PublishedDataset:
    return PublishedDataset(
        name=name,
        licence="CC BY 4.0",
        licence_url="https://creativecommons.org/licenses/by/4.0/",
        url="https://research.google/blog/launching-the-speech-commands-dataset/",
        citation=CITATION,
        bundled=False,
        folder=partial(folder, name),
        hashes=partial(hashes, name),
        remedy=f"run 'course data fetch {name}', or 'course data import {name} PATH' on its archive",
        labels=words,
        release=Release(
            url=ARCHIVE,
            size=2_428_923_189,
            # As TensorFlow Datasets and torchaudio list it, independently of this course.
            sha256="af14739ee7dc311471de98f5f9d2c9191b18aedfe957f4a6ff791c709868ff58",
            most_bytes=2_500_000_000,
            by_hand=f"bring the archive over by hand and run 'course data import {name} ARCHIVE'",
        ),
        hashes_from="of the archive, as TensorFlow Datasets lists it; of each file, recorded at the import",
        layout=SpeechCommandsLayout(words),
        limits=Limits(members=150_000, total=6_000_000_000, largest=4_000_000),
        **facts,
    )


DATASET = _dataset(
    "speech_commands",
    words=WORDS,
    title="Speech Commands v0.02",
    description="35 words in English by thousands of volunteers, a second each; 16 kHz, any microphone.",
    seconds=93_600.0,
    card=datasets_dir() / "cards" / "speech_commands.md",
    disk_bytes=3_400_000_000,
    published_clips=105_829,
    published_speakers=2_618,
)
SC09 = _dataset(
    "sc09",
    words=DIGITS,
    title="Speech Commands: digits (SC09)",
    description="The words zero to nine of Speech Commands v0.02; 16 kHz, any microphone.",
    seconds=34_400.0,
    card=datasets_dir() / "cards" / "sc09.md",
    disk_bytes=1_250_000_000,
    published_clips=38_908,
    published_speakers=0,
)
