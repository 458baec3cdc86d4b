"""Scores of runs, kept beside them under a key, so that none is computed twice and no stale one is shown."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import course_lib
from course_lib.training.durable import read_json, sha256, write_json
from course_lib.training.lessons.lesson import Lesson, held_out_words
from course_lib.training.run_folder import Run
from course_lib.training.scoreboard.facts import facts

# Rooms whose code decides what a score is. Models are in the run; their layers are not.
ROOMS = ("audio", "data", "evaluation", "layers", "models", "training/codec", "training/lessons")
SUFFIXES = (".py", ".json", ".npz")


def path_of(lesson: Lesson, run: Run) -> Path:
    """Where a lesson keeps its scores of a run: two lessons may share a training."""
    name = "evaluation.json" if lesson.name == lesson.preset else f"evaluation-{lesson.name}.json"
    return run.path / name


def key_of(
    lesson: Lesson, run: Run, *, n: int | None = None, rivals: Mapping[str, Run] | None = None
) -> dict[str, Any]:
    """Everything that a score depends on; scores of another key are stale."""
    from course_lib.evaluation.intelligibility import has_pesq

    config = run.config()
    return {
        "lesson": lesson.name,
        "n": n,
        "model": _weights(run),
        # Of a run that is not done yet, the newest weights are in a checkpoint.
        "step": run.status().step,
        "dataset": config["dataset"].get("sha256"),
        "holdout": list(config["dataset"].get("holdout") or []),
        "rivals": {preset: _weights(rival) for preset, rival in sorted((rivals or {}).items())},
        "pesq": has_pesq(),
        "code": code_hash(),
    }


def kept(lesson: Lesson, run: Run, key: Mapping[str, Any]) -> dict[str, Any] | None:
    """Scores of exactly this key, or None."""
    content = read_json(path_of(lesson, run))
    if not isinstance(content, dict) or content.get("key") != key or "rows" not in content:
        return None
    return content


def stale(lesson: Lesson, run: Run, key: Mapping[str, Any]) -> list[str]:
    """What has changed since a run was scored: names in the key; empty when it never was, or nothing has."""
    content = read_json(path_of(lesson, run))
    old = content.get("key") if isinstance(content, dict) else None
    return [name for name in key if old.get(name) != key[name]] if isinstance(old, dict) else []


def score(
    lesson: Lesson,
    run: Run,
    *,
    n: int | None = None,
    rivals: Mapping[str, Run] | None = None,
    on_row: Callable[[str], None] | None = None,
) -> dict[str, Any]:
    """The scores of one run and what they are of, JSON-ready; nothing is written.

    Returns
    -------
    dict
        ``lesson``, ``run``, ``preset``, ``dataset``, ``held_out``, ``epochs``, ``train_seconds``,
        ``evaluation_seconds``, what :meth:`Lesson.evaluate` gives, and ``facts`` with those of the run.

    Raises
    ------
    RunError
        As :meth:`Lesson.evaluate`.
    """
    config = run.config()
    began = time.monotonic()
    more = {"rivals": dict(rivals)} if rivals else {}
    result = lesson.evaluate(run, n=n, on_row=on_row, **more)
    known = facts(run)
    return {
        "lesson": lesson.name,
        "run": run.name,
        "preset": config["preset"],
        "dataset": config["dataset"]["name"],
        "held_out": held_out_words(config["dataset"].get("holdout")),
        "epochs": known["epochs"],
        "train_seconds": known["train_seconds"],
        "evaluation_seconds": round(time.monotonic() - began, 1),
        **result,
        "facts": known | result.get("facts", {}),
    }


def evaluate(
    lesson: Lesson,
    run: Run,
    *,
    n: int | None = None,
    rivals: Mapping[str, Run] | None = None,
    on_row: Callable[[str], None] | None = None,
) -> dict[str, Any]:
    """As :func:`score`; the scores are kept beside the run with their ``key``.

    Raises
    ------
    RunError
        As :func:`score`; or the folder cannot be written.
    """
    # Taken first: what changes while this computes makes the result stale.
    key = key_of(lesson, run, n=n, rivals=rivals)
    result = score(lesson, run, n=n, rivals=rivals, on_row=on_row) | {"key": key}
    write_json(path_of(lesson, run), result)
    return result


def _weights(run: Run) -> str | None:
    """A hash of the hashes of a run's model; None before it has one."""
    hashes = read_json(run.path / "model" / "hashes.json")
    return None if hashes is None else sha256(repr(sorted(hashes.items())).encode())


@cache
def code_hash() -> str:
    """A hash of the code and of the shipped weights that scores depend on."""
    root = Path(course_lib.__file__).parent
    digest = hashlib.sha256()
    files = (path for room in ROOMS for path in (root / room).rglob("*") if path.suffix in SUFFIXES)
    for path in sorted(files):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
