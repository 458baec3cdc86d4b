"""``model/``: architecture as JSON, weights as arrays, a hash for each; loading runs no foreign code."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from course_lib.training.architecture import rebuild, without_compilation
from course_lib.training.checkpoints import newest_checkpoint
from course_lib.training.durable import (
    npz_arrays,
    npz_bytes,
    publish_folder,
    read_json,
    sha256,
    write_bytes,
    write_json,
)
from course_lib.training.errors import RunError
from course_lib.training.model_state import restore, weight_arrays

if TYPE_CHECKING:
    import keras


def save_model(folder: Path, model: keras.Model, *, step: int, weights: bool = True) -> None:
    """Write ``model/`` of a run; it replaces an earlier one as a whole.

    Parameters
    ----------
    folder : Path
        The run folder.
    step : int
        Optimiser steps made.
    weights : bool
        False at the start of a training: the architecture is known, the weights are in the checkpoints.
    """
    import keras

    architecture = without_compilation(keras.saving.serialize_keras_object(model))
    files = {"architecture.json": json.dumps(architecture, indent=1).encode()}
    if weights:
        files["weights.npz"] = npz_bytes(weight_arrays(model))
    target = Path(folder) / "model"
    temporary = target.with_name(f".model.{os.getpid()}.new")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir()
    try:
        for name, data in files.items():
            write_bytes(temporary / name, data)
        write_json(
            temporary / "hashes.json", {"step": step, **{name: sha256(data) for name, data in files.items()}}
        )
        publish_folder(temporary, target)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def load_newest(folder: Path) -> keras.Model:
    """The model of a run with its newest weights: of ``model/``, or of a later checkpoint.

    Raises
    ------
    RunError
        No weights yet, a changed hash, a class that is not allowed, or weights of another architecture.
    """
    folder = Path(folder)
    hashes = read_json(folder / "model" / "hashes.json")
    if not isinstance(hashes, dict):
        raise RunError(f"run {folder.name} has no model yet; wait for the end of its first epoch")
    architecture = json.loads(_checked(folder / "model" / "architecture.json", hashes))
    arrays = _weights(folder, hashes)
    model = rebuild(architecture, where=f"the architecture of run {folder.name}")
    restore(model, arrays, kinds=("model",))
    return model


def _weights(folder: Path, hashes: dict[str, Any]) -> dict[str, np.ndarray]:
    step = hashes.get("step", -1) if "weights.npz" in hashes else -1
    try:
        checkpoint, _ = newest_checkpoint(folder / "checkpoints")
    except RunError:
        if step < 0:
            raise
        checkpoint = None
    if checkpoint is not None and checkpoint.step > step:
        return averaged(checkpoint.arrays)
    if step < 0:
        raise RunError(f"run {folder.name} has no weights yet; wait for the end of its first epoch")
    return npz_arrays(_checked(folder / "model" / "weights.npz", hashes))


def averaged(arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The weights of a checkpoint, averages in place of the values where the training keeps averages."""
    averages = {
        name.replace("average/", "model/", 1): array
        for name, array in arrays.items()
        if name.startswith("average/")
    }
    return {name: array for name, array in arrays.items() if name.startswith("model/")} | averages


def _checked(path: Path, hashes: dict[str, Any]) -> bytes:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise RunError(
            f"{path.name} of run {path.parents[1].name} cannot be read: {error.strerror}"
        ) from error
    if sha256(data) != hashes.get(path.name):
        raise RunError(
            f"{path.name} of run {path.parents[1].name} has changed since the training wrote it (another "
            "SHA-256), so it is not loaded; train again, or copy the whole folder anew"
        )
    return data
