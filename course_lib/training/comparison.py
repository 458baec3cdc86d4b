"""Several runs side by side: what was set differently, and how it went."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from course_lib.training.durable import read_json
from course_lib.training.run_folder import Run

# Of config.json: what may differ without making a difference.
NOT_SETTINGS = ("name", "created", "schema", "conditions", "classes", "tensorboard")


@dataclass(frozen=True)
class RunComparison:
    """What :func:`compare_runs` found; every list has one entry a run, in the order asked for.

    Attributes
    ----------
    names : list of str
    settings : dict of str to list
        The settings that differ, by their dotted name; None where a run has no such setting.
    progress : dict of str to list
        ``state, steps, epochs, seconds, loss, best_val_loss``.
    scores : dict of str to list
        Of the runs' own evaluations, the scores of their models, None where a run was not evaluated.
    warnings : list of str
        Why the numbers should not be compared, if so.
    """

    names: list[str]
    settings: dict[str, list[Any]]
    progress: dict[str, list[Any]]
    scores: dict[str, list[float | None]]
    warnings: list[str]


def compare_runs(runs: Sequence[Run]) -> RunComparison:
    """Put runs side by side.

    Raises
    ------
    ValueError
        Fewer than two runs, or the same one twice.
    RunError
        A run without a readable config.
    """
    names = [run.name for run in runs]
    if len(names) < 2 or len(set(names)) < len(names):
        raise ValueError(
            f"name at least two different runs to compare; received {', '.join(names) or 'none'}"
        )
    configs = [_flat(_settings(run.config())) for run in runs]
    keys = dict.fromkeys(key for config in configs for key in config)
    settings = {key: [config.get(key) for config in configs] for key in keys}
    settings = {key: values for key, values in settings.items() if any(v != values[0] for v in values)}
    return RunComparison(
        names=names,
        settings=settings,
        progress=_progress(runs),
        scores=_scores(runs),
        warnings=_warnings(settings),
    )


def _settings(config: dict[str, Any]) -> dict[str, Any]:
    content = {key: value for key, value in config.items() if key not in NOT_SETTINGS}
    # What was fitted to the data follows from the data.
    content["representation"] = {
        key: value
        for key, value in (config.get("representation") or {}).items()
        if not isinstance(value, (list, dict))
    }
    content["network of its own"] = config.get("architecture") is not None
    content.pop("architecture", None)
    return content


def _flat(content: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    flat = {}
    for key, value in content.items():
        if isinstance(value, dict):
            flat |= _flat(value, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = value
    return {key.removeprefix("hyperparameters."): value for key, value in flat.items()}


def _progress(runs: Sequence[Run]) -> dict[str, list[Any]]:
    columns: dict[str, list[Any]] = {
        name: [] for name in ("state", "steps", "epochs", "seconds", "loss", "best_val_loss")
    }
    for run in runs:
        status, losses = run.status(), run.history()["loss"]
        row = (
            status.state,
            status.step,
            status.epoch,
            round(status.elapsed_s, 1),
            losses[-1] if losses and math.isfinite(losses[-1]) else None,
            run.best_val_loss(),
        )
        for column, value in zip(columns.values(), row, strict=True):
            column.append(value)
    return columns


def scores_of(run: Run) -> dict[str, float]:
    """The scores of a run's own model by its evaluation; empty when it was not evaluated."""
    evaluation = read_json(run.path / "evaluation.json")
    rows = evaluation.get("rows") if isinstance(evaluation, dict) else None
    return _flat_scores(rows) if isinstance(rows, dict) else {}


def _scores(runs: Sequence[Run]) -> dict[str, list[float | None]]:
    found = [scores_of(run) for run in runs]
    keys = dict.fromkeys(key for scores in found for key in scores)
    return {key: [scores.get(key) for scores in found] for key in keys}


def _flat_scores(rows: dict[str, Any]) -> dict[str, float]:
    """Scores of the row ``model``, also where a lesson has such rows for each of several conditions."""
    flat = {}
    for name, row in rows.items():
        if not isinstance(row, dict):
            continue
        if name == "model":
            flat |= {
                key: value
                for key, value in row.items()
                if isinstance(value, (int, float)) and not key.endswith("_se")
            }
        elif isinstance(row.get("model"), dict):
            flat |= {f"{name}: {key}": value for key, value in _flat_scores({"model": row["model"]}).items()}
    return flat


def _warnings(settings: dict[str, list[Any]]) -> list[str]:
    found = []
    if "preset" in settings or any(key.startswith("representation.") for key in settings):
        found.append(
            "these runs have different presets or representations, so their losses have different units: "
            "compare the scores of course evaluate instead"
        )
    if any(key.startswith("dataset.") for key in settings):
        found.append("these runs heard different data; neither losses nor scores tell the models apart")
    return found
