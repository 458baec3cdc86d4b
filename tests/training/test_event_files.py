"""Event files, read again as TensorBoard does."""

from __future__ import annotations

import importlib.util

import pytest
from conftest import TINY

from course_lib.training.request import TrainingRequest
from course_lib.training.run import train
from course_lib.training.start import prepare_run
from course_lib.training.store import RunError, RunStore

tf = pytest.importorskip("tensorflow", reason="TensorFlow writes event files")


def request(**fields) -> TrainingRequest:
    overrides = TINY | {"network": "dense"}
    return TrainingRequest(name="run", epochs=3, limit_clips=32, overrides=overrides, **fields)


def test_curves_and_sounds_stand_at_their_steps(tmp_path):
    run = prepare_run(request(tensorboard=True), RunStore(tmp_path))
    assert train(run) == "done", run.status().error
    (path,) = (run.path / "tensorboard").iterdir()
    found: dict[str, list] = {}
    for record in tf.data.TFRecordDataset(str(path)):
        event = tf.compat.v1.Event.FromString(record.numpy())
        for value in event.summary.value:
            found.setdefault(value.tag, []).append((event.step, value))
    history = run.history()
    whole = [row for row, epoch in enumerate(history["epoch"]) if epoch >= 1]
    for name in ("loss", "val_loss", "learning_rate"):
        assert [step for step, _ in found[name]] == [history["step"][row] for row in whole]
        values = [value.simple_value for _, value in found[name]]
        assert values == pytest.approx([history[name][row] for row in whole], rel=1e-6)
    previews = run.previews()
    heard = found[f"output/{previews[0].clips[0]['name']}"]
    assert [step for step, _ in heard] == [preview.step for preview in previews]
    assert heard[-1][1].audio.encoded_audio_string == previews[-1].path(0, "output").read_bytes()
    assert heard[-1][1].audio.sample_rate == 8000


def test_nothing_is_written_unasked(tmp_path):
    run = prepare_run(request(), RunStore(tmp_path))
    assert train(run) == "done"
    assert not (run.path / "tensorboard").exists()


def test_without_tensorflow_it_is_refused_before_anything_is_written(tmp_path, monkeypatch):
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "tensorflow" else found(name)
    )
    with pytest.raises(RunError, match="written by TensorFlow, which is not installed here"):
        prepare_run(request(tensorboard=True), RunStore(tmp_path / "runs"))
    assert not (tmp_path / "runs").exists()
