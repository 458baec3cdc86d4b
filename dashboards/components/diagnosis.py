"""A quiet panel: what the numbers of a training say."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import param
from panel.custom import JSComponent

from dashboards.components.theme import TOKENS

HERE = Path(__file__).parent


class DiagnosisPanel(JSComponent):
    """Shows what :mod:`dashboards.state.diagnosis` says.

    A reader of the screen is told when a sentence comes or goes, not when its numbers change.
    """

    summary = param.String(default="", doc="All of it in a line.")
    state = param.String(default="", doc="well, note, warning or serious; empty before anything is known.")
    items = param.List(
        default=[], item_type=dict, doc="Per symptom: name, severity, word, sentence, remedy and lab."
    )

    _esm = (HERE / "diagnosis.js").read_text(encoding="utf-8")
    _stylesheets: ClassVar[list[str]] = [TOKENS + (HERE / "diagnosis.css").read_text(encoding="utf-8")]
