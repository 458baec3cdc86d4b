"""What a model sounded like at one step of its training."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from course_lib.training.durable import read_json


@dataclass(frozen=True)
class Preview:
    """One rung of the checkpoint ladder: a folder of sounds and spectrograms that is complete.

    Attributes
    ----------
    step, epoch : int
        Optimiser steps made and epochs completed.
    seconds : float
        Seconds of training until then.
    folder : Path
        Where the files of ``clips`` lie.
    clips : list of dict
        ``name, word, label, speaker``; ``input, ceiling, output`` (WAV files; a model that makes sound from
        nothing has no input), ``spectrogram`` (.npz with the pictures of some of them, (frames, bands) in
        dB, float16), ``error`` (in the unit of the task; None where nothing particular is wanted).
    titles : dict of str to str
        What input, ceiling and output are called on the screen.
    """

    step: int
    epoch: int
    seconds: float
    folder: Path
    clips: list[dict[str, Any]]
    titles: dict[str, str] = field(default_factory=dict)

    def path(self, clip: int, part: str) -> Path:
        """The file of one clip: ``part`` is input, ceiling, output or spectrogram."""
        return self.folder / self.clips[clip][part]


def read_previews(folder: Path) -> list[Preview]:
    """All complete previews in ``folder``, by step; an unreadable one is left out."""
    previews = []
    for index in Path(folder).glob("[0-9]*/index.json"):
        content = read_json(index)
        try:
            previews.append(
                Preview(
                    step=int(content["step"]),
                    epoch=int(content["epoch"]),
                    seconds=float(content["seconds"]),
                    folder=index.parent,
                    clips=[_within(clip) for clip in content["clips"]],
                    titles=dict(content.get("titles") or {}),
                )
            )
        except (TypeError, KeyError, ValueError):
            continue
    return sorted(previews, key=lambda preview: preview.step)


def _within(clip: dict[str, Any]) -> dict[str, Any]:
    """The clip, if its files lie in the preview's own folder; a run may come from anybody."""
    for part in ("input", "ceiling", "output", "spectrogram"):
        name = clip.get(part)
        if name is not None and (Path(name).name != name or "\\" in name):
            raise ValueError(f"{name!r} is not a file of this preview")
    return dict(clip)
