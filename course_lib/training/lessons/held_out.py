"""The clips that a run was trained on and those it never heard, for whoever scores it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from course_lib.training.errors import RunError

if TYPE_CHECKING:
    import keras

    from course_lib.audio.representation import Representation
    from course_lib.data.clips import Clips
    from course_lib.training.run_folder import Run


def load_split(run: Run) -> tuple[Clips, Clips, Representation]:
    """(train, test, representation) of a run, its scaling fitted.

    Raises
    ------
    RunError
        The data set is not the one that the run was trained on, or the run has not read it yet.
    """
    from course_lib.data import catalog, splits

    wanted = run.config()["dataset"]
    representation = run.representation()
    clips = catalog.load(wanted["name"], sr=representation.sr, n_samples=representation.n_samples)
    if wanted.get("sha256") not in (None, clips.sha256):
        raise RunError(
            f"run {run.name} was trained on another edition of {wanted['name']} "
            f"({wanted['sha256'][:12]}, here {clips.sha256[:12]}): its split and scaling do not fit; "
            "train it again"
        )
    train, test = splits.split(clips, wanted.get("holdout") or None)
    return train, test, representation


def load_model(run: Run, verb: str) -> keras.Model:
    """The run's model, its backend's announcements kept off the terminal.

    Parameters
    ----------
    verb : str
        A method that it must have, such as ``reconstruct``.

    Raises
    ------
    RunError
        No weights, or a model without that method.
    """
    from course_lib.training.quiet import quiet_stderr

    with quiet_stderr():
        model: Any = run.load_model()
    if not hasattr(model, verb):
        raise RunError(f"run {run.name} holds a {type(model).__name__}, which {verb}s nothing")
    return model
