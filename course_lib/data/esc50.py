"""ESC-50: 2,000 sounds of the environment in 50 classes, the course's recorded noise."""

from __future__ import annotations

import csv
import re
from collections.abc import Collection
from pathlib import Path, PurePosixPath

from course_lib.data.archive import Limits
from course_lib.data.errors import DatasetError
from course_lib.data.index import Recording, read_index
from course_lib.data.published_dataset import PublishedDataset
from course_lib.data.release import Release
from course_lib.paths import cache_dir, datasets_dir

CLASSES = (
    *("dog", "rooster", "pig", "cow", "frog", "cat", "hen", "insects", "sheep", "crow"),
    *("rain", "sea_waves", "crackling_fire", "crickets", "chirping_birds"),
    *("water_drops", "wind", "pouring_water", "toilet_flush", "thunderstorm"),
    *("crying_baby", "sneezing", "clapping", "breathing", "coughing"),
    *("footsteps", "laughing", "brushing_teeth", "snoring", "drinking_sipping"),
    *("door_wood_knock", "mouse_click", "keyboard_typing", "door_wood_creaks", "can_opening"),
    *("washing_machine", "vacuum_cleaner", "clock_alarm", "clock_tick", "glass_breaking"),
    *("helicopter", "chainsaw", "siren", "car_horn", "engine"),
    *("train", "church_bells", "airplane", "fireworks", "hand_saw"),
)
META = "esc50.csv"
# The authors' five folds: clips of one original recording are in one fold.
TEST_FOLD, VALIDATION_FOLD = 5, 4
_FILE = re.compile(r"([1-5])-([0-9]+)-([A-Z])-([0-9]{1,2})\.wav")


class Esc50Layout:
    """``audio/<fold>-<original>-<letter>-<class>.wav`` and a table that names the classes."""

    def keep(self, path: PurePosixPath) -> str | None:
        if path.name == META and path.parent.name == "meta":
            return f"meta/{META}"
        if path.name == "LICENSE":
            # It names who recorded each clip: attribution is a condition of the licence.
            return "LICENSE"
        return f"audio/{path.name}" if path.parent.name == "audio" and _FILE.fullmatch(path.name) else None

    def recordings(self, folder: Path, files: Collection[str]) -> list[Recording]:
        sounds = [file for file in files if file.startswith("audio/")]
        if sounds and f"meta/{META}" not in files:
            raise DatasetError(f"meta/{META} is missing: it names the classes; give the whole release")
        named = self._named(folder / "meta" / META) if sounds else {}
        listed = []
        for file in sounds:
            name = file.removeprefix("audio/")
            fold, original, letter, target = _FILE.fullmatch(name).groups()
            if int(target) >= len(CLASSES) or named.get(name) != CLASSES[int(target)]:
                raise DatasetError(
                    f"{name} is listed as {named.get(name, 'nothing')} in {META}; expected its number's class"
                )
            split = {TEST_FOLD: "test", VALIDATION_FOLD: "validation"}.get(int(fold), "train")
            listed.append(Recording(file, CLASSES[int(target)], original, ord(letter) - ord("A"), split))
        return listed

    def _named(self, path: Path) -> dict[str, str]:
        try:
            with path.open(encoding="utf-8", newline="") as file:
                return {row["filename"]: row["category"] for row in csv.DictReader(file)}
        except (KeyError, UnicodeDecodeError, csv.Error) as error:
            raise DatasetError(f"{META} is damaged ({error}); download the release again") from error


def folder() -> Path:
    """Where imported recordings are kept."""
    return cache_dir() / "esc50"


def hashes() -> dict[str, str]:
    """{file: SHA-256} of what is here, as listed when it was imported."""
    return {recording.file: recording.sha256 for recording in read_index(folder())}


DATASET = PublishedDataset(
    name="esc50",
    title="ESC-50",
    description="2,000 sounds of the environment in 50 classes, five seconds each; 44.1 kHz: recorded noise.",
    licence="CC BY-NC 3.0",
    licence_url="https://creativecommons.org/licenses/by-nc/3.0/",
    url="https://github.com/karolpiczak/ESC-50",
    citation=(
        "Karol J. Piczak (2015). ESC: Dataset for Environmental Sound Classification. Proceedings of the "
        "23rd ACM International Conference on Multimedia, 1015-1018. https://doi.org/10.1145/2733373.2806390"
    ),
    seconds=2000 * 5.0,
    bundled=False,
    folder=folder,
    hashes=hashes,
    card=datasets_dir() / "cards" / "esc50.md",
    remedy="run 'course data fetch esc50', or 'course data import esc50 PATH' on its archive",
    labels=CLASSES,
    forbids=(
        "no commercial use (CC BY-NC): fine for study and research, not for a product, nor for a model that "
        "is sold; name the recordists, who are listed in its LICENSE file"
    ),
    release=Release(
        url="https://github.com/karolpiczak/ESC-50/archive/refs/heads/master.zip",
        most_bytes=1_200_000_000,
        by_hand="bring the archive over by hand and run 'course data import esc50 ARCHIVE'",
    ),
    disk_bytes=883_000_000,
    hashes_from="not published: recorded at the first import",
    layout=Esc50Layout(),
    published_clips=2_000,
    published_speakers=0,
    style="noise",
    limits=Limits(members=10_000, total=2_000_000_000, largest=5_000_000),
    speaker_word="original recording",
)
