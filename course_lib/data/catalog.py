"""The data sets of the course, and how to load one."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from course_lib.audio.files import AudioError, read
from course_lib.data import audiomnist, esc50, fsdd, notes, nsynth, speech_commands, spoken_digits
from course_lib.data.clips import Clips, prepare
from course_lib.data.dataset import Dataset, parse_name, parse_order
from course_lib.data.errors import DatasetError, DatasetMissing
from course_lib.data.generated_dataset import GeneratedDataset
from course_lib.data.hashes import content_hash
from course_lib.data.index import Recording
from course_lib.data.note_clips import NoteClips
from course_lib.data.own_folder import own_dataset, own_names
from course_lib.data.preparation import STYLES
from course_lib.data.prepared import cached
from course_lib.data.prepared_map import MOST_LOADED_BYTES, mapped
from course_lib.data.published_dataset import PublishedDataset
from course_lib.data.verify import read_checked, verify

__all__ = [
    "CATALOG",
    "Dataset",
    "DatasetError",
    "DatasetMissing",
    "everything",
    "get",
    "load",
    "parse_order",
    "prepare_all",
    "recording",
]

CATALOG: dict[str, Dataset] = {
    dataset.name: dataset
    for dataset in (
        spoken_digits.DATASET,
        notes.DATASET,
        fsdd.DATASET,
        audiomnist.DATASET,
        speech_commands.DATASET,
        speech_commands.SC09,
        nsynth.DATASET,
        esc50.DATASET,
    )
}


def everything() -> list[Dataset]:
    """The catalog and the learner's own data sets on this machine."""
    return [*CATALOG.values(), *(own_dataset(name) for name in own_names())]


def get(name: str) -> Dataset:
    """The entry called ``name``; ValueError lists the valid ones."""
    if name in CATALOG:
        return CATALOG[name]
    own = own_names()
    if name not in own:
        raise ValueError(f"unknown data set {name!r}; expected one of {', '.join((*CATALOG, *own))}")
    return own_dataset(name)


def load(
    name: str,
    *,
    sr: int = 8000,
    n_samples: int = 8192,
    on_progress: Callable[[int, int], None] | None = None,
) -> Clips:
    """Load a data set as clips: trimmed, level-normalised, onsets aligned (see :func:`clips.prepare`).

    Notes keep their levels, and of a noise the loudest stretch is taken (:mod:`course_lib.data.preparation`).
    Every file is compared with its hash, in sets of gigabytes when it is prepared and by its size afterwards.
    The first load keeps its result in the cache; later ones take a fraction of a second. Clips of such a
    large set are a read-only map of that cache: selecting some of them copies only those.

    Parameters
    ----------
    on_progress : callable, optional
        Called with (clips prepared, clips in all) while there is no cache yet.

    Raises
    ------
    ValueError
        No such data set.
    DatasetMissing
        Not on this machine yet.
    DatasetError
        A file that is missing or does not have its hash.
    """
    dataset = get(name)
    if isinstance(dataset, GeneratedDataset):
        return dataset.make(sr=sr, n_samples=n_samples)
    # On every load: a tenth of a second buys the certainty that a result belongs to these recordings.
    verify(dataset, thorough=dataset.disk_bytes <= MOST_LOADED_BYTES)
    hashes = dataset.hashes()
    digest = content_hash(hashes)
    names = sorted(hashes, key=parse_order)
    rows = partial(_rows, dataset, names, sr=sr, n_samples=n_samples, on_progress=on_progress)
    # The same recordings prepared in another style are other clips.
    key = digest if style_of(dataset) == "word" else content_hash({style_of(dataset): digest})
    if 4 * len(names) * n_samples > MOST_LOADED_BYTES:
        y, length = mapped(key, sr, n_samples, len(names), rows)
    else:
        y, length = cached(key, sr, n_samples, partial(_stack, rows, len(names), n_samples))
    facts = {"y": y, "name": names, "length": length, "sr": sr, "dataset": name, "sha256": digest}
    if isinstance(dataset, PublishedDataset):
        return _described(dataset, names, facts)
    parts = [parse_name(name) for name in names]
    return Clips(
        label=np.array([part[0] for part in parts], np.int64),
        speaker=np.array([part[1] for part in parts]),
        take=np.array([part[2] for part in parts], np.int64),
        **facts,
    )


def _described(dataset: PublishedDataset, names: list[str], facts: dict) -> Clips:
    """Clips with what the list of recordings says of each."""
    by_file = {recording.file: recording for recording in dataset.recordings}
    listed: list[Recording] = [by_file[name] for name in names]
    place = {label: index for index, label in enumerate(dataset.labels)}
    facts |= {
        "label": np.array([place[r.label] for r in listed], np.int64),
        "speaker": np.array([r.speaker for r in listed]),
        "take": np.array([r.take for r in listed], np.int64),
    }
    if listed[0].pitch < 0:
        return Clips(**facts)
    return NoteClips(
        pitch=np.array([r.pitch for r in listed], np.int64),
        velocity=np.array([r.velocity for r in listed], np.int64),
        cents=np.zeros(len(listed), np.float32),
        held_out=np.array([r.split == "test" for r in listed]),
        **facts,
    )


def style_of(dataset: Dataset) -> str:
    """How its recordings become clips: a key of :data:`course_lib.data.preparation.STYLES`."""
    if isinstance(dataset, GeneratedDataset):
        return "note"
    return dataset.style if isinstance(dataset, PublishedDataset) else "word"


def recording(name: str, file: str, *, sr: int = 8000) -> np.ndarray:
    """One whole recording of a data set, shape (samples,), float32: untrimmed, at its own level.

    Raises
    ------
    ValueError
        No such data set, or no such recording in it.
    DatasetMissing, DatasetError
        As :func:`load`.
    """
    dataset = get(name)
    if file not in dataset.hashes():
        dataset.require()
        raise ValueError(f"{name} has no recording {file!r}; its clips' names list them")
    ((_, data),) = read_checked(dataset, [file])
    return _decode(dataset, file, data, sr)


def _decode(dataset: Dataset, name: str, data: bytes, sr: int) -> np.ndarray:
    try:
        return read(io.BytesIO(data), sr=sr)
    except AudioError as error:
        raise DatasetError(f"{dataset.name}: {name}: {error}") from error


def prepare_all(
    dataset: Dataset, names: list[str], *, sr: int, n_samples: int
) -> tuple[np.ndarray, np.ndarray]:
    """Read, check and prepare: clips, shape (len(names), n_samples), and their lengths."""
    return _stack(partial(_rows, dataset, names, sr=sr, n_samples=n_samples), len(names), n_samples)


def _stack(
    rows: Callable[[], Iterator[tuple[np.ndarray, int]]], clips: int, n_samples: int
) -> tuple[np.ndarray, np.ndarray]:
    y = np.zeros((clips, n_samples), np.float32)
    length = np.zeros(clips, np.int64)
    for row, (clip, end) in enumerate(rows()):
        y[row], length[row] = clip, end
    return y, length


def _rows(
    dataset: Dataset, names: list[str], *, sr: int, n_samples: int, on_progress=None
) -> Iterator[tuple[np.ndarray, int]]:
    """Each recording as a clip, with its length."""
    # Looked up here, where tests can see whether anything is prepared at all.
    style = prepare if style_of(dataset) == "word" else STYLES[style_of(dataset)]
    for done, (name, data) in enumerate(read_checked(dataset, names), start=1):
        try:
            yield style(_decode(dataset, name, data, sr), n_samples, sr=sr)
        except AudioError as error:
            if not isinstance(dataset, PublishedDataset):
                raise DatasetError(f"{dataset.name}: {name}: {error}") from error
            # Sound only above half the course's rate: nothing is left of it, and its place stays.
            warnings.warn(f"{dataset.name}: {name} is silent at {sr} Hz", stacklevel=2)
            yield np.zeros(n_samples, np.float32), n_samples
        if on_progress is not None:
            on_progress(done, len(names))
