"""A hyperparameter as a form shows it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from course_lib.training.hyperparameters import TrainingHyperparameters
from course_lib.training.preset import Preset

PROMINENT = 3


@dataclass(frozen=True)
class Setting:
    """One field of a preset's hyperparameters.

    Attributes
    ----------
    name, title, help, hint : str
        ``hint`` says what a value does and which are allowed.
    kind : str
        ``choice``, ``switch``, ``integer``, ``number`` or ``text``.
    default : object
    choices : tuple of str
    prominent : bool
        Shown at once; others under "More settings".
    """

    name: str
    title: str
    help: str
    hint: str
    kind: str
    default: Any
    choices: tuple[str, ...] = ()
    prominent: bool = False

    def text(self, value: Any) -> str:
        """``value`` as an input shows it."""
        if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        return f"{value:g}" if isinstance(value, float) else str(value)


def settings(preset: Preset) -> list[Setting]:
    """A preset's settings: what is its own first, then what every training has."""
    shared = set(TrainingHyperparameters.model_fields)
    rows = preset.fields()
    own = [row for row in rows if row["name"] not in shared]
    rest = sorted((row for row in rows if row["name"] in shared), key=lambda row: row["name"] != "epochs")
    first = {row["name"] for row in own[:PROMINENT]} | {"epochs"}
    return [_setting(row, prominent=row["name"] in first) for row in [*own, *rest]]


def _setting(row: dict[str, Any], *, prominent: bool) -> Setting:
    kinds = {"integer": "integer", "number": "number", "boolean": "switch"}
    kind = "choice" if row["choices"] else kinds.get(row["type"], "text")
    return Setting(
        name=row["name"],
        title=row["name"].replace("_", " ").replace(" dim", " numbers").capitalize(),
        help=row["description"],
        hint="; ".join(part for part in (_range(row, kind), row["hint"]) if part),
        kind=kind,
        default=row["default"],
        choices=tuple(row["choices"] or ()),
        prominent=prominent,
    )


def _range(row: dict[str, Any], kind: str) -> str:
    low, high = row["minimum"], row["maximum"]
    if kind not in ("integer", "number") or (low is None and high is None):
        return ""
    if low is None or high is None:
        return f"at least {low:g}" if high is None else f"at most {high:g}"
    return f"{'above ' if kind == 'number' and low == 0 else ''}{_plain(low)} to {_plain(high)}"


def _plain(value: float) -> str:
    whole = math.isfinite(value) and value == int(value)
    return f"{int(value):,}".replace(",", " ") if whole else f"{value:g}"
