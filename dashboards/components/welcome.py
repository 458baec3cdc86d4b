"""What a page says before there is anything to watch."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import param
from panel.custom import JSComponent

from dashboards.components.theme import CARD

HERE = Path(__file__).parent


class Welcome(JSComponent):
    """A first-run guide with one button; also the place for "there is no such run"."""

    notice = param.String(default="", doc="What went wrong, if anything.")
    first = param.Boolean(default=True, doc="There is no run yet.")
    ready = param.Boolean(default=True, doc="Whether the button would start a training.")
    on_start = param.Callable(default=None, precedence=-1, allow_None=True)

    _rename: ClassVar[dict] = {"on_start": None}
    _esm = (HERE / "welcome.js").read_text(encoding="utf-8")
    _stylesheets: ClassVar[list[str]] = [CARD + (HERE / "welcome.css").read_text(encoding="utf-8")]

    def __init__(self, on_start: Callable[[], object] | None = None, **params):
        super().__init__(on_start=on_start, **params)

    def _handle_msg(self, message) -> None:
        if isinstance(message, dict) and message.get("action") == "start" and self.on_start is not None:
            self.on_start()
