"""Writes what a model sounds like: a few fixed clips at each rung of the checkpoint ladder."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np

from course_lib.audio.files import wav_bytes
from course_lib.audio.representation import Representation
from course_lib.data.clips import Clips
from course_lib.training.durable import explain, npz_bytes, publish_folder, write_json
from course_lib.training.errors import RunError
from course_lib.training.preview import Preview

Reconstruct = Callable[[np.ndarray], np.ndarray]


class Ladder:
    """The previews of one run.

    Parameters
    ----------
    folder : Path
        ``previews`` of the run folder.
    clips : Clips
        What every preview plays.
    representation : Representation
        Fitted.
    """

    def __init__(self, folder: Path, clips: Clips, representation: Representation):
        self.folder = Path(folder)
        self.clips = clips
        self.representation = representation
        self.features = representation.encode(clips.y)
        self._input_db = self._decibels(self.features)
        # Neither depends on the model: made once.
        self._input_wav = [wav_bytes(y, sr=clips.sr) for y in clips.y]
        self._ceiling_wav = [wav_bytes(y, sr=clips.sr) for y in representation.decode(self.features)]

    def _decibels(self, features: np.ndarray) -> np.ndarray:
        return (20 * np.log10(self.representation.magnitude(features))).astype(np.float16)

    def has(self, step: int) -> bool:
        """Whether that rung is written."""
        return (self.folder / f"{step:06d}" / "index.json").is_file()

    def write(self, reconstruct: Reconstruct, *, step: int, epoch: int, seconds: float) -> Preview:
        """Write one rung; it appears whole or not at all.

        Parameters
        ----------
        reconstruct : callable
            Features, shape (clips, frames, bands) -> the same.

        Raises
        ------
        RunError
            The folder could not be written.
        """
        output = np.asarray(reconstruct(self.features), np.float32)
        # A model that has gone astray must not take the whole training with it: the loss will tell.
        output = np.nan_to_num(output, nan=0.0, posinf=20.0, neginf=-20.0)
        sounds = self.representation.decode(output)
        output_db = self._decibels(output)
        target = self.folder / f"{step:06d}"
        spectrograms = [{"input": self._input_db[i], "output": output_db[i]} for i in range(len(output))]
        temporary = self.folder / f".{target.name}.{os.getpid()}.partial"
        shutil.rmtree(temporary, ignore_errors=True)
        rows = []
        try:
            temporary.mkdir(parents=True)
            for i, y in enumerate(sounds):
                files = {
                    "input": (f"{i}_input.wav", self._input_wav[i]),
                    "ceiling": (f"{i}_ceiling.wav", self._ceiling_wav[i]),
                    "output": (f"{i}_output.wav", wav_bytes(y, sr=self.clips.sr)),
                    "spectrogram": (
                        f"{i}.npz",
                        npz_bytes(spectrograms[i]),
                    ),
                }
                for name, data in files.values():
                    (temporary / name).write_bytes(data)
                rows.append(
                    {
                        "name": self.clips.name[i],
                        "label": int(self.clips.label[i]),
                        "speaker": str(self.clips.speaker[i]),
                        **{part: name for part, (name, _) in files.items()},
                        "error": float(np.abs(output[i] - self.features[i]).mean()),
                    }
                )
            index = {"step": step, "epoch": epoch, "seconds": round(seconds, 3), "clips": rows}
            write_json(temporary / "index.json", index, sync=False)
            publish_folder(temporary, target)
        except OSError as error:
            raise RunError(explain(error, target)) from error
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
        return Preview(step=step, epoch=epoch, seconds=index["seconds"], folder=target, clips=rows)

    def remove_after(self, step: int) -> None:
        """Drop rungs beyond ``step``: a resumed run climbs them again."""
        for folder in self.folder.glob("[0-9]*"):
            if folder.name.isdecimal() and int(folder.name) > step:
                shutil.rmtree(folder, ignore_errors=True)
        for left_over in self.folder.glob(".*"):
            shutil.rmtree(left_over, ignore_errors=True)
