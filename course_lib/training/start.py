"""From a request to a run folder that a worker can take: everything is checked before anything is written."""

from __future__ import annotations

import importlib.util
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from course_lib.training.devices import machine, versions
from course_lib.training.errors import RunError
from course_lib.training.lock import acquire
from course_lib.training.presets import get_preset
from course_lib.training.request import TrainingRequest
from course_lib.training.status import identity, read_status, write_status
from course_lib.training.store import Run, RunStore, check_name

if TYPE_CHECKING:
    from course_lib.data.dataset import Dataset


def prepare_run(request: TrainingRequest, store: RunStore | None = None) -> Run:
    """Make the folder of a new run, or reopen one to be resumed; its state is then ``queued``.

    Raises
    ------
    ValueError
        An unknown preset, data set, speaker or setting, a data set that the preset cannot learn from, a
        value out of range, a network that does not fit, a name that is taken; a run that cannot be
        resumed. No folder is left behind.
    FileNotFoundError
        The data set is not on this machine.
    """
    store = RunStore() if store is None else store
    if request.resume:
        return _reopen(request, store)
    config = plan(request)
    if request.name is not None:
        return store.create(request.name, config)
    stem = f"{request.preset}-{config['dataset']['name']}"
    for _ in range(100):
        try:
            name = store.new_name(stem)
            return store.create(name, config)
        except RunError:
            # Somebody else took the number just now; a real obstacle comes back with the name still free.
            if not (store.root / name).exists():
                raise
    raise RunError(f"no free name {stem}-... in {store.root}; give one with --run")


def plan(request: TrainingRequest) -> dict[str, Any]:
    """The ``config.json`` of a new run, as far as it is known before the data is read."""
    from course_lib.data import catalog

    preset = get_preset(request.preset)
    overrides = dict(request.overrides)
    if request.epochs is not None:
        overrides["epochs"] = request.epochs
    hyperparameters = preset.parse(overrides)
    dataset = catalog.get(request.dataset or preset.dataset)
    if problem := preset.unsuitable(dataset):
        raise ValueError(problem)
    dataset.require()
    if request.holdout:
        _check_speakers(dataset, set(request.holdout))
    if request.architecture is not None:
        from course_lib.training.architecture import check_architecture

        check_architecture(request.architecture)
    if request.name is not None:
        check_name(request.name)
    if request.tensorboard and importlib.util.find_spec("tensorflow") is None:
        raise RunError("event files for TensorBoard are written by TensorFlow, which is not installed here")
    return {
        "schema": 1,
        "name": request.name,
        "preset": preset.name,
        "hyperparameters": hyperparameters.model_dump(),
        "dataset": {
            "name": dataset.name,
            "sha256": None,
            "train": None,
            "test": None,
            "holdout": sorted(set(request.holdout)),
        },
        "limit_clips": request.limit_clips,
        "representation": None,
        "seed": request.seed,
        "epochs": hyperparameters.epochs,
        "max_seconds": request.max_seconds,
        "versions": versions(),
        "machine": machine(),
        "created": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "architecture": request.architecture,
        "tensorboard": request.tensorboard,
    }


def _check_speakers(dataset: Dataset, holdout: set[str]) -> None:
    speakers = set(dataset.speaker_names)
    if unknown := sorted(holdout - speakers):
        raise ValueError(
            f"unknown speaker {', '.join(unknown)}; {dataset.name} has {', '.join(sorted(speakers))}"
        )
    if holdout == speakers:
        raise ValueError(f"holding out all {len(speakers)} speakers leaves none to train on; hold out fewer")


def _reopen(request: TrainingRequest, store: RunStore) -> Run:
    if request.name is None:
        raise RunError("name the run to resume with --run; course runs list shows them")
    run = store.open(request.name)
    config, status = run.config(), run.status()
    if status.live:
        raise RunError(
            f"run {run.name} is {status.state} in process {status.pid}; "
            "watch it with course runs show, or stop it first"
        )
    if status.state == "done":
        raise RunError(f"run {run.name} is finished ({status.epoch} epochs): there is nothing to resume")
    _refuse_changes(request, run, config)
    acquire(run.path).release()
    run.clear_request()
    previous = read_status(run.path)
    write_status(
        run.path, replace(previous, state="queued", error=None, message="waiting to resume", **identity())
    )
    return run


def _refuse_changes(request: TrainingRequest, run: Run, config: dict[str, Any]) -> None:
    """A resumed run keeps its settings: say which one was asked to change."""
    saved = {
        "preset": config.get("preset"),
        "dataset": (config.get("dataset") or {}).get("name"),
        "holdout": (config.get("dataset") or {}).get("holdout"),
        **{
            name: config.get(name)
            for name in ("seed", "epochs", "max_seconds", "architecture", "limit_clips")
        },
    }
    asked = {name: getattr(request, name) for name in request.model_fields_set if name in saved}
    if "holdout" in asked:
        asked["holdout"] = sorted(set(asked["holdout"]))
    asked = {name: value for name, value in asked.items() if value not in (None, [])}
    if request.overrides:
        hyperparameters = get_preset(saved["preset"]).parse(request.overrides).model_dump()
        saved |= config.get("hyperparameters") or {}
        asked |= {name: hyperparameters[name] for name in request.overrides}
    for name, value in asked.items():
        if saved[name] != value:
            raise RunError(
                f"a resumed run keeps its settings: {run.name} has {name} = {saved[name]}, not {value}; "
                "leave the option out, or start a new run"
            )
