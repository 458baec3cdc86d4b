"""More voices than a data set has: the bundled digits' training voices beside it, and nobody held out."""

from __future__ import annotations

from typing import Any

from course_lib.data.clips import Clips
from course_lib.training.training_data import TrainingClips

# Sets of spoken digits whose labels are those of the bundled ones.
DIGITS = ("fsdd", "audiomnist", "sc09")


def other_voices(config: dict[str, Any], *, held_out: bool) -> list[Clips]:
    """The bundled digits' test voices, or their training voices; none for another kind of data set.

    A run on the bundled digits themselves has no others, and one on few clips shall stay small.
    """
    if config["dataset"]["name"] not in DIGITS:
        return []
    from course_lib.data import catalog
    from course_lib.data.splits import bundled

    train, test = bundled(catalog.load("digits"))
    return [test if held_out else train]


def with_other_voices(clips: TrainingClips, config: dict[str, Any]) -> list[Clips]:
    """The run's training clips and, unless it is limited to few, the bundled digits' training voices."""
    return (
        [clips.train] if config.get("limit_clips") else [clips.train, *other_voices(config, held_out=False)]
    )
