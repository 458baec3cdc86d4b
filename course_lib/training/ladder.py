"""Writes what a model sounds like: a few fixed clips at each rung of the checkpoint ladder."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from course_lib.audio.files import wav_bytes
from course_lib.training.durable import explain, npz_bytes, publish_folder, write_json
from course_lib.training.errors import RunError
from course_lib.training.preview import Preview
from course_lib.training.tasks.exhibit import Exhibit, Made

if TYPE_CHECKING:
    import keras


class Ladder:
    """The previews of one run.

    Parameters
    ----------
    folder : Path
        ``previews`` of the run folder.
    exhibit : Exhibit
        What every preview plays.
    """

    def __init__(self, folder: Path, exhibit: Exhibit):
        self.folder = Path(folder)
        self.exhibit = exhibit
        # No model changes them: made once.
        self._wav = {
            part: [wav_bytes(y, sr=exhibit.sr) for y in fixed.sounds] for part, fixed in exhibit.fixed.items()
        }

    def has(self, step: int) -> bool:
        """Whether that rung is written."""
        return (self.folder / f"{step:06d}" / "index.json").is_file()

    def write(self, model: keras.Model | Any, *, step: int, epoch: int, seconds: float) -> Preview:
        """Write one rung; it appears whole or not at all.

        Parameters
        ----------
        model
            What the exhibit can hear.

        Raises
        ------
        RunError
            The folder could not be written.
        """
        made = self.exhibit.make(model)
        target = self.folder / f"{step:06d}"
        temporary = self.folder / f".{target.name}.{os.getpid()}.partial"
        shutil.rmtree(temporary, ignore_errors=True)
        rows = []
        try:
            temporary.mkdir(parents=True)
            for i, clip in enumerate(self.exhibit.clips):
                names = {}
                for part, (name, data) in self._files(made, i).items():
                    (temporary / name).write_bytes(data)
                    names[part] = name
                error = None if made.errors is None else float(made.errors[i])
                rows.append(clip | names | {"error": error})
            index = {
                "step": step,
                "epoch": epoch,
                "seconds": round(seconds, 3),
                "titles": self.exhibit.titles,
                "clips": rows,
            }
            write_json(temporary / "index.json", index, sync=False)
            publish_folder(temporary, target)
        except OSError as error:
            raise RunError(explain(error, target)) from error
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
        return Preview(
            step=step,
            epoch=epoch,
            seconds=index["seconds"],
            folder=target,
            clips=rows,
            titles=self.exhibit.titles,
        )

    def _files(self, made: Made, i: int) -> dict[str, tuple[str, bytes]]:
        """(name, bytes) of each part of clip ``i``."""
        pictures = {
            part: fixed.pictures[i]
            for part, fixed in self.exhibit.fixed.items()
            if fixed.pictures is not None
        }
        return {
            **{part: (f"{i}_{part}.wav", sounds[i]) for part, sounds in self._wav.items()},
            "output": (f"{i}_output.wav", wav_bytes(made.sounds[i], sr=self.exhibit.sr)),
            "spectrogram": (f"{i}.npz", npz_bytes(pictures | {"output": made.pictures[i]})),
        }

    def remove_after(self, step: int) -> None:
        """Drop rungs beyond ``step``: a resumed run climbs them again."""
        for folder in self.folder.glob("[0-9]*"):
            if folder.name.isdecimal() and int(folder.name) > step:
                shutil.rmtree(folder, ignore_errors=True)
        for left_over in self.folder.glob(".*"):
            shutil.rmtree(left_over, ignore_errors=True)
