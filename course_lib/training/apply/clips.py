"""How a run's recordings became clips, and others become the like."""

from __future__ import annotations

import numpy as np

from course_lib.audio.files import AudioError
from course_lib.audio.representation import Representation
from course_lib.data import catalog
from course_lib.data.preparation import STYLES
from course_lib.training.passage import analyse
from course_lib.training.run_folder import Run
from course_lib.training.windows import NOTE_PAUSE_SECONDS, PAUSE_SECONDS


def style_of(run: Run) -> str:
    """Whether the run was trained on words, notes or noises: a key of ``data.preparation.STYLES``."""
    return catalog.style_of(catalog.get(run.config()["dataset"]["name"]))


def pause_between(run: Run) -> float:
    """The shortest silence, in seconds, that parts two words or notes of a recording."""
    return NOTE_PAUSE_SECONDS if style_of(run) == "note" else PAUSE_SECONDS


def one_clip(run: Run, y: np.ndarray, representation: Representation) -> np.ndarray:
    """The features of one clip of ``y``, made as the training's clips were, (frames, bands).

    Raises
    ------
    AudioError
        Not mono, empty, not finite, or silent.
    """
    style = style_of(run)
    if style != "note":
        return representation.encode(STYLES[style](y, representation.n_samples, sr=representation.sr)[0])
    # Of several notes the first, cut and levelled as a conversion cuts and levels it.
    features = analyse(y, representation, pause_seconds=pause_between(run)).features
    if not len(features):
        raise AudioError("the recording is silent; record it again")
    return features[0]
