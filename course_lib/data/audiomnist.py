"""AudioMNIST: ten digits by sixty speakers, fifty takes each."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path, PurePosixPath

from course_lib.data.archive import Limits
from course_lib.data.dataset import DIGITS
from course_lib.data.index import Recording, read_index
from course_lib.data.published_dataset import PublishedDataset
from course_lib.data.release import Release
from course_lib.paths import cache_dir, datasets_dir

# The first of the authors' five folds for digit classification, by number of the speaker; the other 36 train.
TEST_SPEAKERS = frozenset((5, 13, 18, 22, 26, 32, 33, 42, 45, 51, 52, 60))
VALIDATION_SPEAKERS = frozenset((4, 11, 12, 15, 21, 27, 31, 41, 44, 47, 50, 59))
_FILE = re.compile(r"([0-9])_([0-9]{2})_([0-9]{1,2})\.wav")
META = "audioMNIST_meta.txt"


class AudioMnistLayout:
    """``data/<speaker>/<digit>_<speaker>_<take>.wav`` and a table of the speakers."""

    def keep(self, path: PurePosixPath) -> str | None:
        if path.name == META:
            return META
        found = _FILE.fullmatch(path.name)
        return f"{found[2]}/{path.name}" if found and path.parent.name == found[2] else None

    def recordings(self, folder: Path, files: Collection[str]) -> list[Recording]:
        listed = []
        for file in files:
            if file == META:
                continue
            digit, speaker, take = _FILE.fullmatch(PurePosixPath(file).name).groups()
            split = "test" if int(speaker) in TEST_SPEAKERS else "train"
            split = "validation" if int(speaker) in VALIDATION_SPEAKERS else split
            listed.append(Recording(file, DIGITS[int(digit)], speaker, int(take), split))
        return listed


def folder() -> Path:
    """Where imported recordings are kept."""
    return cache_dir() / "audiomnist"


def hashes() -> dict[str, str]:
    """{file: SHA-256} of what is here, as listed when it was imported."""
    return {recording.file: recording.sha256 for recording in read_index(folder())}


DATASET = PublishedDataset(
    name="audiomnist",
    title="AudioMNIST",
    description="Ten digits in English by 60 speakers, 50 takes each; 48 kHz, recorded in quiet offices.",
    licence="MIT",
    licence_url="https://github.com/soerenab/AudioMNIST/blob/master/LICENSE",
    url="https://github.com/soerenab/AudioMNIST",
    citation=(
        "Sören Becker, Johanna Vielhaben, Marcel Ackermann, Klaus-Robert Müller, Sebastian Lapuschkin and "
        "Wojciech Samek (2024). AudioMNIST: Exploring explainable artificial intelligence for audio analysis "
        "on a simple benchmark. Journal of the Franklin Institute 361(1), 418-428. https://arxiv.org/abs/1807.03418"
    ),
    seconds=9.5 * 3600,
    bundled=False,
    folder=folder,
    hashes=hashes,
    card=datasets_dir() / "cards" / "audiomnist.md",
    remedy="run 'course data fetch audiomnist', or 'course data import audiomnist PATH' on its archive",
    release=Release(
        url="https://github.com/soerenab/AudioMNIST/archive/refs/heads/master.zip",
        most_bytes=4_000_000_000,
        by_hand="bring the archive over by hand and run 'course data import audiomnist ARCHIVE'",
    ),
    disk_bytes=3_300_000_000,
    hashes_from="not published: recorded at the first import",
    layout=AudioMnistLayout(),
    published_clips=30_000,
    published_speakers=60,
    limits=Limits(members=40_000, total=6_000_000_000, largest=2_000_000),
)
