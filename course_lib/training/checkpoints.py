"""Weights, optimiser and position of a training, so that it can go on as if nothing had happened."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from course_lib.training.durable import npz_arrays, npz_bytes, read_json, sha256, write_bytes, write_json
from course_lib.training.errors import RunError

KEEP = 2
NAME = re.compile(r"epoch-\d{6}(-batch-\d{6})?\.npz")


@dataclass(frozen=True)
class Checkpoint:
    """A position and the arrays that belong to it.

    Attributes
    ----------
    epoch : int
        Completed epochs.
    batch : int
        Batches made in the epoch after those; 0 at an epoch's end.
    step : int
        Optimiser steps made.
    elapsed_s : float
        Seconds of training until here.
    arrays : dict of str to np.ndarray
        As :func:`course_lib.training.model_state.collect` gives them.
    """

    epoch: int
    batch: int
    step: int
    elapsed_s: float
    arrays: dict[str, np.ndarray]

    @property
    def stem(self) -> str:
        """File name without suffix."""
        return f"epoch-{self.epoch:06d}" + (f"-batch-{self.batch:06d}" if self.batch else "")


def save_checkpoint(folder: Path, checkpoint: Checkpoint) -> None:
    """Write ``<stem>.npz``, then ``<stem>.json`` with its hash; then drop all but the newest two.

    Raises
    ------
    RunError
        It could not be written; the earlier ones are still there.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    data = npz_bytes(checkpoint.arrays)
    write_bytes(folder / f"{checkpoint.stem}.npz", data)
    sidecar = {
        "epoch": checkpoint.epoch,
        "batch": checkpoint.batch,
        "step": checkpoint.step,
        "elapsed_s": checkpoint.elapsed_s,
        "sha256": sha256(data),
    }
    write_json(folder / f"{checkpoint.stem}.json", sidecar)
    by_step = sorted(folder.glob("epoch-*.json"), key=lambda path: (_step(path), path.name), reverse=True)
    for old in by_step[KEEP:]:
        # The sidecar goes first: without it the arrays are only a left-over.
        old.unlink(missing_ok=True)
        old.with_suffix(".npz").unlink(missing_ok=True)


def _step(path: Path) -> int:
    content = read_json(path)
    return int(content.get("step", -1)) if isinstance(content, dict) else -1


def newest_checkpoint(folder: Path) -> tuple[Checkpoint | None, list[str]]:
    """The newest checkpoint that is whole, and a sentence for each newer one that is not.

    Returns
    -------
    checkpoint : Checkpoint or None
        None when none was written yet.
    complaints : list of str

    Raises
    ------
    RunError
        There are checkpoints, and all are damaged.
    """
    complaints = []
    sidecars = sorted(Path(folder).glob("epoch-*.json"), key=_position, reverse=True)
    for path in sidecars:
        try:
            return _read(path), complaints
        except _Damaged as damage:
            complaints.append(
                f"checkpoint {path.stem} is damaged ({damage}): falling back to the one before it"
            )
    if sidecars:
        names = " and ".join(path.stem for path in sidecars)
        raise RunError(
            f"no checkpoint of {Path(folder).parent.name} can be used: {names} damaged; "
            "train anew as another run"
        )
    return None, complaints


def _position(path: Path) -> tuple[int, int]:
    """Order by the file's name, which damage to its content does not change."""
    epoch, _, batch = path.stem.removeprefix("epoch-").partition("-batch-")
    return (int(epoch) if epoch.isdecimal() else -1, int(batch) if batch.isdecimal() else 0)


class _Damaged(Exception):
    """Why a checkpoint cannot be used."""


def _read(path: Path) -> Checkpoint:
    sidecar: Any = read_json(path)
    try:
        numbers = {name: int(sidecar[name]) for name in ("epoch", "batch", "step")}
        elapsed, digest = float(sidecar["elapsed_s"]), sidecar["sha256"]
    except (TypeError, KeyError, ValueError):
        raise _Damaged("its .json is not readable") from None
    try:
        data = path.with_suffix(".npz").read_bytes()
    except OSError as error:
        raise _Damaged(f"its .npz cannot be read: {error.strerror}") from error
    if sha256(data) != digest:
        raise _Damaged("its hash changed")
    try:
        arrays = npz_arrays(data)
    except (OSError, ValueError, KeyError) as error:
        raise _Damaged(str(error)) from error
    return Checkpoint(**numbers, elapsed_s=elapsed, arrays=arrays)


def remove_after(folder: Path, step: int) -> None:
    """Drop checkpoints beyond ``step``: damaged ones that a resumed run went back behind."""
    for path in Path(folder).glob("epoch-*.json"):
        if _step(path) > step or _step(path) < 0:
            path.unlink(missing_ok=True)
            path.with_suffix(".npz").unlink(missing_ok=True)
