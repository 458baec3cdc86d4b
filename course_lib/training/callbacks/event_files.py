"""Event files for TensorBoard: the curves, and what the model sounded like at every rung.

Written record by record: the functions of ``tf.summary`` need TensorBoard itself, which a training does not.
"""

from __future__ import annotations

import platform
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import keras
import numpy as np

from course_lib.training.ladder import Ladder
from course_lib.training.players import optimizers
from course_lib.training.position import Position
from course_lib.training.preview import Preview, read_previews

FOLDER = "tensorboard"


class EventFiles(keras.callbacks.Callback):
    """Writes ``tensorboard/`` of a run; stands after the callbacks that write its ladder and its history.

    A resumed training begins another file; TensorBoard shows the newest of a step.

    Parameters
    ----------
    folder : Path
        The run's.
    ladder : Ladder
        Whose rungs are heard.
    position : Position
    """

    def __init__(self, folder: Path, ladder: Ladder, position: Position):
        super().__init__()
        self.folder = Path(folder) / FOLDER
        self.ladder = ladder
        self.position = position
        self._heard: set[int] = set()
        self._writer: Any = None

    def on_train_begin(self, logs=None):
        import tensorflow as tf

        # A resumed epoch is a training of its own, before that of the others.
        if self._writer is not None:
            return
        self.folder.mkdir(exist_ok=True)
        name = f"events.out.tfevents.{time.time_ns() // 1_000_000:013d}.{platform.node()}"
        self._writer = tf.io.TFRecordWriter(str(self.folder / name))
        self._write(file_version="brain.Event:2")
        self._sounds()

    def on_epoch_end(self, epoch, logs=None):
        import tensorflow as tf

        rate = float(optimizers(self.model)[-1].learning_rate)
        values = {name: float(value) for name, value in (logs or {}).items()} | {"learning_rate": rate}
        known = [
            tf.compat.v1.Summary.Value(tag=name, simple_value=value)
            for name, value in values.items()
            if np.isfinite(value)
        ]
        self._write(step=self.position.step, values=known)
        self._sounds()

    def finish(self) -> None:
        """Add the last rung, which is written when the training is over."""
        if self._writer is not None:
            self._sounds()
            self._writer.close()

    def _sounds(self) -> None:
        for preview in read_previews(self.ladder.folder):
            if preview.step not in self._heard:
                self._heard.add(preview.step)
                self._write(step=preview.step, values=self._clips(preview))
        self._writer.flush()

    def _clips(self, preview: Preview) -> Iterable[Any]:
        import soundfile
        import tensorflow as tf

        for number, clip in enumerate(preview.clips):
            path = preview.path(number, "output")
            info = soundfile.info(path)
            audio = tf.compat.v1.Summary.Audio(
                sample_rate=info.samplerate,
                num_channels=info.channels,
                length_frames=info.frames,
                encoded_audio_string=path.read_bytes(),
                content_type="audio/wav",
            )
            yield tf.compat.v1.Summary.Value(tag=f"output/{clip['name']}", audio=audio)

    def _write(self, *, step: int = 0, values: Iterable[Any] = (), **fields: Any) -> None:
        import tensorflow as tf

        event = tf.compat.v1.Event(wall_time=time.time(), step=step, **fields)
        if values := list(values):
            event.summary.CopyFrom(tf.compat.v1.Summary(value=values))
        self._writer.write(event.SerializeToString())
