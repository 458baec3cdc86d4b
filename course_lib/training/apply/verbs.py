"""Which run can do what, known without loading a model."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from course_lib.training.errors import RunError
from course_lib.training.store import Run, RunStore

if TYPE_CHECKING:
    import keras

# Each verb and its command; the method of the model has the verb's name.
VERBS = {
    "reconstruct": "course apply reconstruct",
    "denoise": "course apply denoise",
    "separate": "course apply separate",
    "enhance": "course apply enhance",
    "inpaint": "course apply inpaint",
    "convert": "course convert",
    "sample": "course sample",
    "interpolate": "course interpolate",
}


def verbs_of(run: Run) -> tuple[str, ...]:
    """The verbs of a run's preset, the most telling one first.

    Raises
    ------
    RunError
        A run without a readable ``config.json``, or of a preset that this version does not know.
    """
    from course_lib.training.presets import PRESETS

    name = run.config().get("preset")
    if name not in PRESETS:
        raise RunError(
            f"run {run.name} was trained by preset {name!r}, which this version does not have; it has "
            f"{', '.join(PRESETS)}"
        )
    return PRESETS[name].verbs


def find_run(verb: str, name: str | None = None, store: RunStore | None = None) -> Run:
    """The run of that name, or else the newest finished one whose model has the verb.

    Raises
    ------
    ValueError
        No such verb.
    RunError
        No such run; a run whose model does other things, which the message names; nothing finished.
    """
    _check_verb(verb)
    store = RunStore() if store is None else store
    if name is not None:
        run = store.open(name)
        able = verbs_of(run)
        if verb not in able:
            ways = ", ".join(VERBS[other] for other in able) or "nothing with sound"
            raise RunError(f"{_kind(run)} and cannot {verb}; it can: {ways}. {_remedy(verb).capitalize()}")
        return run
    for row in store.list():
        run = Run(store.root / row.name)
        try:
            if row.state == "done" and verb in verbs_of(run):
                return run
        except RunError:
            continue
    raise RunError(f"no finished run in {store.root} can {verb}; {_remedy(verb)}")


def load_for(run: Run, verb: str) -> keras.Model:
    """The run's model, checked to have the verb. Imports Keras, its announcements kept off the terminal.

    Raises
    ------
    RunError
        A run that cannot be loaded, or whose model does other things.
    """
    from course_lib.training.quiet import quiet_stderr

    find_run(verb, run.name, RunStore(run.path.parent))
    with quiet_stderr():
        model: Any = run.load_model()
    if not callable(getattr(model, verb, None)):
        has = [other for other in VERBS if callable(getattr(model, other, None))]
        raise RunError(
            f"run {run.name} holds a {type(model).__name__}, which has no method {verb}; it has "
            f"{', '.join(has) or 'none of the verbs'}"
        )
    return model


def takes(model: Any, verb: str, argument: str) -> bool:
    """Whether the model's method of that name has a parameter ``argument``."""
    return argument in inspect.signature(getattr(model, verb)).parameters


def _check_verb(verb: str) -> None:
    if verb not in VERBS:
        raise ValueError(f"unknown verb {verb!r}; expected one of {', '.join(VERBS)}")


def _kind(run: Run) -> str:
    preset = str(run.config().get("preset"))
    article = "an" if preset[:1] in "aeiou" else "a"
    return f"run {run.name} is {article} {preset} run"


def _remedy(verb: str) -> str:
    from course_lib.training.presets import PRESETS

    able = [name for name, preset in PRESETS.items() if verb in preset.verbs]
    if not able:
        return f"no preset of this version can {verb}"
    return f"to {verb}, train one: course train {' | '.join(able)}"
