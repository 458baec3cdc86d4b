"""The list of runs to open."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import ClassVar

import param
from panel.custom import JSComponent

from course_lib.training.store import RunSummary
from dashboards.components.theme import TOKENS
from dashboards.state import sentences
from dashboards.state.studio import Studio

HERE = Path(__file__).parent
MAX_ROWS = 200


class RunList(JSComponent):
    """A :class:`Studio`'s runs, the newest first; a click opens one."""

    rows = param.List(default=[], item_type=dict, doc="name, state, loss and about, as text.")
    selected = param.String(default="")
    studio = param.Parameter(default=None, precedence=-1)

    _rename: ClassVar[dict] = {"studio": None}
    _esm = (HERE / "run_list.js").read_text(encoding="utf-8")
    _stylesheets: ClassVar[list[str]] = [TOKENS + (HERE / "run_list.css").read_text(encoding="utf-8")]

    def __init__(self, studio: Studio, **params):
        super().__init__(studio=studio, **params)
        studio.param.watch(self._refresh, ["runs", "selected"])
        self._refresh()

    def _refresh(self, *events) -> None:
        rows = [row(summary) for summary in self.studio.runs[:MAX_ROWS]]
        self.param.update(rows=rows, selected=self.studio.selected)

    def _handle_msg(self, message) -> None:
        if isinstance(message, dict) and isinstance(message.get("open"), str):
            self.studio.open(message["open"])


def row(summary: RunSummary) -> dict[str, str]:
    """One run in words."""
    word = sentences.STATE_WORDS.get(summary.state, summary.state)
    if summary.state in ("running", "paused") and summary.epochs:
        word += f" {100 * summary.epoch // summary.epochs} %"
    return {
        "name": summary.name,
        "state": summary.state,
        "loss": "" if summary.val_loss is None else f"{summary.val_loss:.3f}",
        "about": " · ".join(part for part in (word, summary.dataset, _age(summary.created)) if part),
    }


def _age(created: str) -> str:
    try:
        return sentences.age(datetime.datetime.fromisoformat(created).timestamp())
    except ValueError:
        return ""
