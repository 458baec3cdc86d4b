"""Runs that are exactly what is asked for, so that they need not be trained again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from course_lib.training.errors import RunError
from course_lib.training.request import TrainingRequest
from course_lib.training.run_folder import Run
from course_lib.training.scoreboard.job import STEM
from course_lib.training.store import RunStore

# What decides what a training comes to. The packages are those that compute.
FIELDS = ("preset", "hyperparameters", "seed", "epochs", "max_seconds", "limit_clips", "architecture")
PACKAGES = ("latent-sound", "keras", "tensorflow", "jax", "torch", "numpy")


@dataclass(frozen=True)
class Match:
    """A run that matches and what is still to be done with it: ``reuse``, ``await`` or ``resume``."""

    run: Run
    what: str


def find(store: RunStore, request: TrainingRequest) -> Match | None:
    """The best run for ``request``: a finished one, else one that trains now, else one to go on with.

    Only runs that a scoreboard itself began are gone on with: another one was stopped by somebody for a
    reason.

    Raises
    ------
    ValueError, FileNotFoundError
        As :func:`course_lib.training.start.plan`.
    """
    wanted = expected(request)
    matches: dict[str, list[tuple[str, Run]]] = {"reuse": [], "await": [], "resume": []}
    for name in store.names():
        run = Run(store.root / name)
        try:
            config = run.config()
            if differences(config, wanted):
                continue
            status = run.status()
        except RunError:
            continue
        if status.state == "done":
            what = "reuse"
        elif status.live:
            what = "await"
        elif status.resumable and name.startswith(STEM):
            what = "resume"
        else:
            continue
        matches[what].append((str(config.get("created", "")), run))
    for what, found in matches.items():
        if found:
            return Match(max(found, key=lambda pair: (pair[0], pair[1].name))[1], what)
    return None


def expected(request: TrainingRequest) -> dict[str, Any]:
    """The ``config.json`` that a run of ``request`` has once it has read its data."""
    from course_lib.data import catalog
    from course_lib.training.start import plan

    config = plan(request)
    config["dataset"] = config["dataset"] | {"sha256": catalog.get(config["dataset"]["name"]).digest}
    return config


def differences(config: dict[str, Any], wanted: dict[str, Any]) -> list[str]:
    """What in a run's ``config.json`` is not as wanted; empty for a run that may be reused."""
    found = [name for name in FIELDS if config.get(name) != wanted.get(name)]
    data, asked = config.get("dataset") or {}, wanted["dataset"]
    found += [f"dataset {name}" for name in ("name", "holdout") if data.get(name) != asked[name]]
    # A run that has not read its data yet has no hash; it refuses another edition by itself.
    if data.get("sha256") not in (None, asked["sha256"]):
        found.append("dataset sha256")
    versions, now = config.get("versions") or {}, wanted["versions"]
    return found + [f"version of {name}" for name in PACKAGES if versions.get(name) != now.get(name)]
