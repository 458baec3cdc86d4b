"""NSynth's test split: 4,096 notes of real and electronic instruments."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from pathlib import Path, PurePosixPath

from course_lib.data.archive import Limits
from course_lib.data.errors import DatasetError
from course_lib.data.index import Recording, read_index
from course_lib.data.published_dataset import PublishedDataset
from course_lib.data.release import Release
from course_lib.paths import cache_dir, datasets_dir

FAMILIES = (
    *(
        "bass",
        "brass",
        "flute",
        "guitar",
        "keyboard",
        "mallet",
        "organ",
        "reed",
        "string",
        "synth_lead",
        "vocal",
    ),
)
EXAMPLES = "examples.json"
_FILE = re.compile(
    rf"(({'|'.join(FAMILIES)})_(?:acoustic|electronic|synthetic)_[0-9]{{3}})-([0-9]{{3}})-([0-9]{{3}})\.wav"
)


class NsynthLayout:
    """``audio/<family>_<source>_<number>-<pitch>-<velocity>.wav`` and a table of all notes."""

    def keep(self, path: PurePosixPath) -> str | None:
        if path.name == EXAMPLES:
            return EXAMPLES
        return f"audio/{path.name}" if path.parent.name == "audio" and _FILE.fullmatch(path.name) else None

    def recordings(self, folder: Path, files: Collection[str]) -> list[Recording]:
        found = {file: _FILE.fullmatch(file.removeprefix("audio/")) for file in files if file != EXAMPLES}
        self._compare(folder, files, set(found))
        # The whole set is published as one test split: here one instrument in five of each family tests.
        instruments: dict[str, list[str]] = {}
        for instrument, family in sorted({(match[1], match[2]) for match in found.values()}):
            instruments.setdefault(family, []).append(instrument)
        test = {name for names in instruments.values() for name in names[4::5]}
        return [
            Recording(
                file,
                match[2],
                match[1],
                0,
                "test" if match[1] in test else "train",
                pitch=int(match[3]),
                velocity=int(match[4]),
            )
            for file, match in found.items()
        ]

    def _compare(self, folder: Path, files: Collection[str], found: set[str]) -> None:
        if EXAMPLES not in files:
            return
        try:
            listed = {
                f"audio/{name}.wav" for name in json.loads((folder / EXAMPLES).read_text(encoding="utf-8"))
            }
        except (ValueError, TypeError) as error:
            raise DatasetError(f"{EXAMPLES} is damaged ({error}); download the release again") from error
        if missing := sorted(listed - found):
            raise DatasetError(
                f"{EXAMPLES} lists {len(missing):,} notes that are not there, such as {missing[0]}; give the "
                "whole release"
            )


def folder() -> Path:
    """Where imported recordings are kept."""
    return cache_dir() / "nsynth"


def hashes() -> dict[str, str]:
    """{file: SHA-256} of what is here, as listed when it was imported."""
    return {recording.file: recording.sha256 for recording in read_index(folder())}


DATASET = PublishedDataset(
    name="nsynth",
    title="NSynth (test split)",
    description="4,096 notes of eleven instrument families, four seconds each; 16 kHz.",
    licence="CC BY 4.0",
    licence_url="https://creativecommons.org/licenses/by/4.0/",
    url="https://magenta.tensorflow.org/datasets/nsynth",
    citation=(
        "Jesse Engel, Cinjon Resnick, Adam Roberts, Sander Dieleman, Douglas Eck, Karen Simonyan and "
        "Mohammad Norouzi (2017). Neural Audio Synthesis of Musical Notes with WaveNet Autoencoders. ICML. "
        "https://arxiv.org/abs/1704.01279"
    ),
    seconds=4096 * 4.0,
    bundled=False,
    folder=folder,
    hashes=hashes,
    card=datasets_dir() / "cards" / "nsynth.md",
    remedy="run 'course data fetch nsynth', or 'course data import nsynth PATH' on its archive",
    labels=FAMILIES,
    release=Release(
        url="https://storage.googleapis.com/download.magenta.tensorflow.org/datasets/nsynth/nsynth-test.jsonwav.tar.gz",
        size=349_501_546,
        # As several independent projects record it.
        sha256="0f9ba5d62beba9ec4612f918d19f5e87a681822f1c566124f05fe8b27a51934c",
        most_bytes=400_000_000,
        by_hand="bring the archive over by hand and run 'course data import nsynth ARCHIVE'",
    ),
    disk_bytes=530_000_000,
    hashes_from="of the archive, as other projects record it; of each file, recorded at the first import",
    layout=NsynthLayout(),
    published_clips=4_096,
    published_speakers=0,
    style="note",
    limits=Limits(members=10_000, total=1_500_000_000, largest=20_000_000),
    speaker_word="instrument",
)
