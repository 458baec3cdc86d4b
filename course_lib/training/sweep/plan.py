"""What a sweep is to do, in a file: ``sweeps/NAME/sweep.json`` in the folder of runs."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course_lib.training.devices import versions
from course_lib.training.durable import explain, read_json, write_bytes, write_json
from course_lib.training.errors import RunError
from course_lib.training.presets import get_preset
from course_lib.training.request import TrainingRequest
from course_lib.training.start import plan
from course_lib.training.store import RunStore, check_name
from course_lib.training.sweep.grid import check_points, points

FOLDER = "sweeps"
TOKEN = "token"


@dataclass(frozen=True)
class SweepRun:
    """One training of a sweep: its run's name, and the settings that are its own (``seed`` among them)."""

    name: str
    point: dict[str, Any]


@dataclass(frozen=True)
class Sweep:
    """A planned sweep.

    Attributes
    ----------
    name : str
    folder : Path
        Where plan, results and figure lie.
    request : dict
        Fields of the :class:`TrainingRequest` that all of its trainings share.
    runs : list of SweepRun
    token : str
        Random; a worker that reads it at the same place shares this disk.
    """

    name: str
    folder: Path
    request: dict[str, Any]
    runs: list[SweepRun]
    token: str

    @property
    def columns(self) -> list[str]:
        """Names of what varies."""
        return list(self.runs[0].point)

    def request_of(self, run: SweepRun) -> dict[str, Any]:
        """Fields of the request for one of its trainings."""
        point = dict(run.point)
        seed = point.pop("seed", self.request.get("seed", 0))
        overrides = {**self.request.get("overrides", {}), **point}
        return self.request | {"name": run.name, "seed": seed, "overrides": overrides}


def plan_sweep(
    request: TrainingRequest,
    grid: Mapping[str, Sequence[str]],
    store: RunStore,
    *,
    seeds: int = 1,
) -> Sweep:
    """Check everything, then write the plan; ``request.name`` names the sweep.

    Parameters
    ----------
    seeds : int
        Trainings of each combination, with seeds from ``request.seed`` on.

    Raises
    ------
    ValueError, FileNotFoundError
        As :func:`course_lib.training.start.prepare_run` for any of the trainings; nothing was written.
    """
    if seeds < 1:
        raise ValueError(f"seeds must be at least 1; received {seeds}")
    preset = get_preset(request.preset)
    check_points(preset, grid, request.overrides)
    plan(request)
    name = request.name or _new_name(f"sweep-{request.preset}", store)
    check_name(f"{name}-0001")
    combinations = [
        point | ({"seed": request.seed + offset} if seeds > 1 else {})
        for point in points(grid)
        for offset in range(seeds)
    ]
    runs = [SweepRun(f"{name}-{number:03d}", point) for number, point in enumerate(combinations, 1)]
    folder = store.root / FOLDER / name
    if folder.exists():
        raise RunError(f"a sweep named {name} exists in {store.root}; choose another name, or --resume it")
    for run in runs:
        if (store.root / run.name).exists():
            raise RunError(f"a run named {run.name} exists in {store.root}; give the sweep another --name")
    shared = request.model_dump(exclude={"name", "resume"})
    sweep = Sweep(name, folder, shared, runs, secrets.token_hex(16))
    content = {
        "schema": 1,
        "name": name,
        "request": shared,
        "runs": [{"name": run.name, "point": run.point} for run in runs],
        "token": sweep.token,
        "versions": versions(),
        "created": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
    }
    try:
        folder.mkdir(parents=True)
    except OSError as error:
        raise RunError(explain(error, folder)) from error
    write_bytes(folder / TOKEN, sweep.token.encode())
    write_json(folder / "sweep.json", content)
    return sweep


def open_sweep(name: str, store: RunStore) -> Sweep:
    """A sweep that was planned before.

    Raises
    ------
    RunError
        There is none of that name; the message lists those that exist.
    """
    folder = store.root / FOLDER / check_name(name)
    content = read_json(folder / "sweep.json")
    try:
        runs = [SweepRun(str(run["name"]), dict(run["point"])) for run in content["runs"]]
        return Sweep(name, folder, dict(content["request"]), runs, str(content["token"]))
    except (TypeError, KeyError, ValueError):
        known = sorted(path.parent.name for path in (store.root / FOLDER).glob("*/sweep.json"))
        there = (
            f"there are: {', '.join(known)}"
            if known
            else "there are none yet: course sweep PRESET --grid ..."
        )
        raise RunError(f"no sweep named {name} in {store.root / FOLDER}; {there}") from None


def _new_name(stem: str, store: RunStore) -> str:
    number = 1
    while (store.root / FOLDER / f"{stem}-{number:03d}").exists():
        number += 1
    return f"{stem}-{number:03d}"
