"""Which file becomes which: checked before a model is loaded, so that a mistake costs no waiting."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

SUFFIXES = (".wav", ".flac", ".ogg", ".mp3", ".aif", ".aiff", ".m4a", ".opus")
WRITTEN = (".wav", ".flac")
# More than this in a message is not read.
MOST_NAMED = 5


@dataclass(frozen=True)
class Job:
    """One recording and what becomes of it; ``name`` is how a table of conditions calls it."""

    source: Path
    target: Path
    name: str


def jobs_of(source: Path, output: Path, *, overwrite: bool = False) -> list[Job]:
    """What is to be done with a sound file, or with a folder of them.

    Raises
    ------
    FileNotFoundError
        No such file or folder, or no folder for the result.
    ValueError
        Names that do not fit together, or results that exist.
    """
    if not source.exists():
        raise FileNotFoundError(f"no sound file or folder at {source}")
    jobs = _folder(source, output) if source.is_dir() else [_file(source, output)]
    refuse_existing((job.target for job in jobs), overwrite=overwrite)
    return jobs


def _file(source: Path, output: Path) -> Job:
    if output.is_dir():
        output = output / f"{source.stem}.wav"
    if output.suffix.lower() not in WRITTEN:
        raise ValueError(f"cannot write {output.name}: expected a name that ends in .wav or .flac")
    if output.exists() and output.samefile(source):
        raise ValueError(f"{output} is the input; give another name, the recording is not overwritten")
    if not output.parent.is_dir():
        raise FileNotFoundError(f"there is no folder {output.parent}; make it first")
    return Job(source, output, source.name)


def _folder(source: Path, output: Path) -> list[Job]:
    files = sorted(path for path in source.rglob("*") if path.is_file() and path.suffix.lower() in SUFFIXES)
    if not files:
        raise ValueError(f"{source} holds no sound files; expected names that end in {', '.join(SUFFIXES)}")
    if output.is_file():
        raise ValueError(f"{output} is a file; a folder of sounds needs a folder for its results")
    if source.resolve() in (output.resolve(), *output.resolve().parents):
        raise ValueError(f"{output} lies in the folder of the recordings; give another one")
    jobs = [
        Job(path, output / path.relative_to(source).with_suffix(".wav"), path.relative_to(source).as_posix())
        for path in files
    ]
    targets = [job.target for job in jobs]
    twice = next((target for target in targets if targets.count(target) > 1), None)
    if twice is not None:
        raise ValueError(f"two recordings would both become {twice}; rename one")
    return jobs


def refuse_existing(targets: Iterable[Path], *, overwrite: bool) -> None:
    """ValueError that names results that are there already, unless they may be overwritten."""
    there = [] if overwrite else [target for target in targets if target.exists()]
    if there:
        more = f" and {len(there) - MOST_NAMED} more" if len(there) > MOST_NAMED else ""
        names = ", ".join(map(str, there[:MOST_NAMED]))
        raise ValueError(f"{names}{more}: there already; give another name, or add --overwrite")


def check_folder(folder: Path, names: Iterable[str], *, overwrite: bool) -> None:
    """Whether results of these names can go into a folder, which need not be there yet.

    Raises
    ------
    ValueError
        A file of that name, or results that are there already.
    """
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"{folder} is a file; give a folder")
    refuse_existing((folder / name for name in names), overwrite=overwrite)
