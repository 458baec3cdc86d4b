"""The data sets of the course, and how to load one."""

from __future__ import annotations

import io
from functools import partial

import numpy as np
import soundfile

from course_lib.audio.files import AudioError
from course_lib.data import fsdd, notes, spoken_digits
from course_lib.data.clips import Clips, prepare
from course_lib.data.dataset import Dataset, parse_name
from course_lib.data.errors import DatasetError, DatasetMissing
from course_lib.data.generated_dataset import GeneratedDataset
from course_lib.data.hashes import content_hash
from course_lib.data.prepared import cached
from course_lib.data.verify import read_checked, verify

__all__ = ["CATALOG", "Dataset", "DatasetError", "DatasetMissing", "get", "load", "prepare_all"]

CATALOG: dict[str, Dataset] = {
    dataset.name: dataset for dataset in (spoken_digits.DATASET, notes.DATASET, fsdd.DATASET)
}


def get(name: str) -> Dataset:
    """The entry called ``name``; ValueError lists the valid ones."""
    if name not in CATALOG:
        raise ValueError(f"unknown data set {name!r}; expected one of {', '.join(CATALOG)}")
    return CATALOG[name]


def load(name: str, *, sr: int = 8000, n_samples: int = 8192) -> Clips:
    """Load a data set as clips: trimmed, level-normalised, onsets aligned (see :func:`clips.prepare`).

    Every file is compared with its hash. The first load keeps its result in the cache; later ones take a
    fraction of a second.

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
    verify(dataset)
    hashes = dataset.hashes()
    digest = content_hash(hashes)
    names = sorted(hashes, key=parse_order)
    y, length = cached(
        digest, sr, n_samples, partial(prepare_all, dataset, names, sr=sr, n_samples=n_samples)
    )
    parts = [parse_name(name) for name in names]
    return Clips(
        y=y,
        label=np.array([part[0] for part in parts], np.int64),
        speaker=np.array([part[1] for part in parts]),
        take=np.array([part[2] for part in parts], np.int64),
        name=names,
        length=length,
        sr=sr,
        dataset=name,
        sha256=digest,
    )


def parse_order(name: str) -> tuple[str, int, int]:
    """Sort key: by speaker, then digit, then take as a number."""
    digit, speaker, take = parse_name(name)
    return speaker, digit, take


def prepare_all(
    dataset: Dataset, names: list[str], *, sr: int, n_samples: int
) -> tuple[np.ndarray, np.ndarray]:
    """Read, check and prepare: clips, shape (len(names), n_samples), and their lengths."""
    y = np.zeros((len(names), n_samples), np.float32)
    length = np.zeros(len(names), np.int64)
    for row, (name, data) in enumerate(read_checked(dataset, names)):
        samples, file_sr = soundfile.read(io.BytesIO(data), dtype="float32", always_2d=True)
        samples = samples.mean(axis=1)
        if file_sr != sr:
            import soxr

            samples = soxr.resample(samples, file_sr, sr, quality="HQ")
        try:
            y[row], length[row] = prepare(samples, n_samples, sr=sr)
        except AudioError as error:
            raise DatasetError(f"{dataset.name}: {name}: {error}") from error
    return y, length
