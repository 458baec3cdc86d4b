"""Checkpoints: two kept, each with its hash, damage noticed."""

from __future__ import annotations

import numpy as np
import pytest

from course_lib.training.checkpoints import Checkpoint, newest_checkpoint, remove_after, save_checkpoint
from course_lib.training.errors import RunError


def write(folder, *epochs: int) -> None:
    for epoch in epochs:
        arrays = {"model/0000": np.full(100, epoch, np.float32)}
        save_checkpoint(folder, Checkpoint(epoch, 0, 10 * epoch, 1.5 * epoch, arrays))


def flip(path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def test_none_yet(tmp_path):
    assert newest_checkpoint(tmp_path / "checkpoints") == (None, [])


def test_the_newest_two_are_kept_and_the_newest_is_read(tmp_path):
    write(tmp_path, 1, 2, 3)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "epoch-000002.json",
        "epoch-000002.npz",
        "epoch-000003.json",
        "epoch-000003.npz",
    ]
    checkpoint, complaints = newest_checkpoint(tmp_path)
    assert (checkpoint.epoch, checkpoint.step, checkpoint.elapsed_s, complaints) == (3, 30, 4.5, [])
    assert (checkpoint.arrays["model/0000"] == 3).all()


def test_the_middle_of_an_epoch_is_newer_than_its_beginning(tmp_path):
    write(tmp_path, 3)
    save_checkpoint(tmp_path, Checkpoint(3, 4, 34, 5.0, {"model/0000": np.zeros(1)}))
    checkpoint, _ = newest_checkpoint(tmp_path)
    assert (checkpoint.epoch, checkpoint.batch, checkpoint.stem) == (3, 4, "epoch-000003-batch-000004")


@pytest.mark.parametrize("damage", ["flip", "cut", "empty", "json", "gone"])
def test_a_damaged_newest_one_falls_back(tmp_path, damage):
    write(tmp_path, 1, 2)
    arrays, sidecar = tmp_path / "epoch-000002.npz", tmp_path / "epoch-000002.json"
    if damage == "flip":
        flip(arrays)
    elif damage == "cut":
        arrays.write_bytes(arrays.read_bytes()[:200])
    elif damage == "empty":
        arrays.write_bytes(b"")
    elif damage == "json":
        sidecar.write_text('{"epoch": 2')
    else:
        arrays.unlink()
    checkpoint, complaints = newest_checkpoint(tmp_path)
    assert checkpoint.epoch == 1
    assert len(complaints) == 1
    assert complaints[0].startswith("checkpoint epoch-000002 is damaged (")
    remove_after(tmp_path, checkpoint.step)
    assert newest_checkpoint(tmp_path)[1] == []


def test_two_damaged_ones_are_an_error(tmp_path):
    write(tmp_path, 1, 2)
    for path in tmp_path.glob("*.npz"):
        flip(path)
    with pytest.raises(RunError, match="epoch-000002 and epoch-000001 damaged; train anew"):
        newest_checkpoint(tmp_path)


def test_arrays_without_a_sidecar_are_a_left_over(tmp_path):
    write(tmp_path, 1)
    (tmp_path / "epoch-000002.npz").write_bytes(b"half a file")
    checkpoint, complaints = newest_checkpoint(tmp_path)
    assert (checkpoint.epoch, complaints) == (1, [])
