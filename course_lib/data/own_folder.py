"""A learner's own recordings: a flat folder, or one subfolder for each class."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path, PurePosixPath

from course_lib.audio.files import AudioError, read
from course_lib.data.archive import Limits
from course_lib.data.dataset import DIGITS, parse_name
from course_lib.data.errors import DatasetError
from course_lib.data.importing import AUDIO_SUFFIXES
from course_lib.data.index import NAME, Recording, read_index, write_index
from course_lib.data.keep import Imported, alone, new_folder, remove_folder
from course_lib.data.published_dataset import PublishedDataset
from course_lib.paths import cache_dir, datasets_dir

NAMES = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
# Words that commands take for something else.
RESERVED = ("folder", "all")
FACTS = "about.json"
MOST_FILES = 20_000
MOST_BYTES = 2_000_000_000
LARGEST_FILE = 120_000_000
# Longer recordings are no clips: cut them first.
MAX_SECONDS = 60.0
ONE_CLASS = "sound"
ME = "me"


def own_dir() -> Path:
    """Where learners' data sets are kept, a folder each."""
    return cache_dir() / "own"


def own_names() -> list[str]:
    """Names of the learner's data sets on this machine, sorted."""
    try:
        return sorted(
            path.parent.name for path in own_dir().glob(f"*/{NAME}") if NAMES.fullmatch(path.parent.name)
        )
    except OSError:
        return []


def own_dataset(name: str) -> PublishedDataset:
    """The catalog's entry of a learner's data set; whether it is there is for the caller to know."""
    folder = own_dir() / name
    try:
        recordings = read_index(folder)
    except DatasetError:
        recordings = ()  # The entry says so itself, and can still be removed.
    seconds = sum(r.samples / r.sr for r in recordings if r.sr)
    return PublishedDataset(
        name=name,
        title=f"{name} (your own)",
        description=f"Your own recordings, imported from {_facts(folder).get('source', 'a folder')}.",
        licence="yours",
        licence_url="",
        url=str(folder),
        citation="",
        seconds=seconds,
        bundled=False,
        folder=partial(Path, folder),
        hashes=lambda: {r.file: r.sha256 for r in read_index(folder)},
        card=datasets_dir() / "cards" / "folder.md",
        remedy=f"run 'course data import folder PATH --name {name}' on the folder of your recordings",
        labels=labels_of({r.label for r in recordings}),
        disk_bytes=sum(r.size for r in recordings),
        hashes_from="recorded at the import",
        layout=OwnLayout(),
        published_clips=len(recordings),
        published_speakers=0,
        style=_facts(folder).get("style", "word"),
        limits=Limits(members=MOST_FILES, total=MOST_BYTES, largest=LARGEST_FILE),
    )


def _facts(folder: Path) -> dict[str, str]:
    try:
        facts = json.loads((folder / FACTS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return facts if isinstance(facts, dict) else {}


def labels_of(words: Collection[str]) -> tuple[str, ...]:
    """The classes in order: the ten digits as the course numbers them where all are digits, else sorted."""
    if words and set(words) <= set(DIGITS):
        return DIGITS
    return tuple(sorted(words))


class OwnLayout:
    """``<class>/<file>``, ``<class>/<speaker>/<file>`` or ``<file>``, of any sound format."""

    def keep(self, path: PurePosixPath) -> str | None:
        if path.suffix.lower() not in AUDIO_SUFFIXES or len(path.parts) > 3:
            return None
        return path.as_posix()

    def recordings(self, folder: Path, files: Collection[str]) -> list[Recording]:
        listed = [self._describe(PurePosixPath(file)) for file in sorted(files) if file != FACTS]
        takes: dict[tuple[str, str], int] = {}
        numbered = []
        for file, label, speaker, take in listed:
            key = label, speaker
            # A number in the name is the take; others are counted.
            number = takes.get(key, 0) if take is None else take
            takes[key] = max(takes.get(key, 0), number + 1)
            numbered.append(Recording(file, label, speaker, number, "train"))
        return numbered

    def _describe(self, path: PurePosixPath) -> tuple[str, str, str, int | None]:
        """File, class, speaker and take, as far as the path tells."""
        try:
            digit, named, take = parse_name(path.name)
            word: str | None = DIGITS[digit]
        except DatasetError:
            word, named, take = None, ME, None
        folders = path.parts[:-1]
        label = folders[0] if folders else (word or ONE_CLASS)
        if label.isdecimal() and len(label) == 1:
            label = DIGITS[int(label)]
        return str(path), label, folders[1] if len(folders) > 1 else named, take


def import_folder(
    source: Path,
    name: str,
    *,
    style: str = "word",
    taken: Collection[str] = (),
    on_progress: Callable[[int, int], None] | None = None,
) -> Imported:
    """Copy a folder of recordings into the cache as a data set of its own, all of them or none.

    Parameters
    ----------
    source : Path
        Sound files in it belong to one class, or, named like ``7_jackson_32.wav``, to a digit; those in
        subfolders to a class named as the subfolder; in a second level, to a speaker named as that.
    name : str
        What commands will call it: letters, digits, ``. _ -``. An own data set of that name is replaced.
    style : {"word", "note", "noise"}
        How a recording becomes a clip: see :data:`course_lib.data.preparation.STYLES`.
    taken : collection of str
        Names that the catalog has already.

    Raises
    ------
    FileNotFoundError
        No such folder.
    ValueError
        A name that cannot be used.
    DatasetError
        No sound in it, or files that cannot be used: each is named with what is wrong.
    """
    from course_lib.data.preparation import STYLES

    source = Path(source).expanduser()
    if not NAMES.fullmatch(name) or name in RESERVED or name in taken:
        raise ValueError(
            f"--name must be letters, digits, '.', '_' or '-', at most 64, and none of "
            f"{', '.join((*RESERVED, *taken))}; received {name!r}"
        )
    if style not in STYLES:
        raise ValueError(f"--style must be one of {', '.join(STYLES)}; received {style!r}")
    if not source.is_dir():
        raise FileNotFoundError(f"no folder at {source}; expected a folder of your recordings")
    target = own_dir() / name
    with alone(target), new_folder(target) as new:
        files, ignored = _sounds(source)
        recordings = OwnLayout().recordings(source, files)
        kept = _copy(source, new, recordings, on_progress)
        facts = {"source": source.resolve().name, "style": style}
        (new / FACTS).write_text(json.dumps(facts), encoding="utf-8")
        write_index(new, _divide(kept))
    return Imported(target, len(kept), ignored)


def _sounds(source: Path) -> tuple[list[str], int]:
    """Paths of the sound files, relative to ``source``, and how many other files there are."""
    files, ignored = [], 0
    for path in sorted(source.rglob("*")):
        inner = PurePosixPath(path.relative_to(source).as_posix())
        if any(part.startswith(".") for part in inner.parts) or not path.is_file() or path.is_symlink():
            continue
        if OwnLayout().keep(inner) is None:
            ignored += 1
            continue
        files.append(str(inner))
        if len(files) > MOST_FILES:
            raise DatasetError(f"{source} holds more than {MOST_FILES:,} sound files; import a part of it")
    if not files:
        raise DatasetError(
            f"{source} holds no sound file ({', '.join(AUDIO_SUFFIXES)}), or only deeper than two folders"
        )
    return files, ignored


def _copy(source: Path, new: Path, recordings: list[Recording], on_progress) -> list[Recording]:
    """Check and copy every recording; raises DatasetError that names the ones that cannot be used."""
    from dataclasses import replace

    import soundfile

    from course_lib.data.preparation import SILENT_PEAK

    kept, wrong, total = [], [], 0
    for done, recording in enumerate(recordings, start=1):
        path = source / recording.file
        total += path.stat().st_size
        if path.stat().st_size > LARGEST_FILE or total > MOST_BYTES:
            raise DatasetError(
                f"{source} is too large at {recording.file}: at most {MOST_BYTES / 1e9:.0f} GB in all"
            )
        try:
            sr = soundfile.info(str(path)).samplerate if path.stat().st_size else 0
            y = read(path, sr=sr or 8000, max_seconds=MAX_SECONDS)
            if not abs(y - y.mean()).max() > SILENT_PEAK:
                raise AudioError(f"{path.name} is silent")
        except (AudioError, soundfile.SoundFileError) as error:
            try:
                # What libsndfile says of a broken header is less clear than the reader's own words.
                read(path, max_seconds=MAX_SECONDS)
                wrong.append(str(error))
            except AudioError as clearer:
                wrong.append(str(clearer))
            continue
        target = new / recording.file
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
        digest = hashlib.sha256(target.read_bytes()).hexdigest()
        kept.append(replace(recording, samples=len(y), sr=sr, size=target.stat().st_size, sha256=digest))
        if on_progress is not None:
            on_progress(done, len(recordings))
    if wrong:
        rest = f"; and {len(wrong) - 5} more" if len(wrong) > 5 else ""
        raise DatasetError(
            f"{len(wrong)} of {len(recordings)} recordings cannot be used; nothing was kept: "
            f"{'; '.join(wrong[:5])}{rest}"
        )
    return kept


def _divide(recordings: list[Recording]) -> list[Recording]:
    """Name what tests: one speaker in five where there are five, else one recording in five of each class.

    The choice follows from names and contents alone, so copies of one recording are on the same side.
    """
    from dataclasses import replace

    speakers = sorted({r.speaker for r in recordings})
    if len(speakers) >= 5:
        tests = set(speakers[4::5])
        return [replace(r, split="test" if r.speaker in tests else "train") for r in recordings]
    chosen: set[str] = set()
    for label in {r.label for r in recordings}:
        contents = sorted({r.sha256 for r in recordings if r.label == label})
        chosen |= set(contents[4::5])
    if not chosen:
        contents = sorted({r.sha256 for r in recordings})
        chosen = set(contents[:1]) if len(contents) > 1 else set()
    return [replace(r, split="test" if r.sha256 in chosen else "train") for r in recordings]


def remove_own(name: str) -> bool:
    """Delete a learner's data set; whether it was there. The folder it was imported from is not touched."""
    return remove_folder(own_dir() / name)
