"""A run's name, state and progress, and the buttons for what can be asked of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import param
from panel.custom import JSComponent

from dashboards.components.theme import TOKENS

HERE = Path(__file__).parent
COMMANDS = ("pause", "resume", "stop")


class RunHeader(JSComponent):
    """Shows what :mod:`dashboards.state.sentences` says; a click calls ``on_command("pause")`` and so on."""

    title = param.String(default="", doc="The run's name.")
    about = param.String(default="", doc="Model, data and seed in one line.")
    state = param.String(default="", doc="queued, running, paused, done, failed or stopped.")
    state_word = param.String(default="", doc="The state in one word for people.")
    sentence = param.String(default="", doc="What is going on.")
    detail = param.String(default="", doc="Epoch, step and time.")
    advice = param.String(default="", doc="What to do next, if anything.")
    progress = param.Number(default=-1.0, bounds=(-1.0, 1.0), doc="Share done in [0, 1]; -1: not known.")
    commands = param.List(default=[], item_type=str, doc="Which of pause, resume and stop make sense now.")
    on_command = param.Callable(default=None, precedence=-1, allow_None=True)

    _rename: ClassVar[dict] = {"on_command": None}
    _esm = (HERE / "run_header.js").read_text(encoding="utf-8")
    _stylesheets: ClassVar[list[str]] = [TOKENS + (HERE / "run_header.css").read_text(encoding="utf-8")]

    def __init__(self, on_command: Callable[[str], None] | None = None, **params):
        super().__init__(on_command=on_command, **params)

    def _handle_msg(self, message) -> None:
        command = message.get("command") if isinstance(message, dict) else None
        if command in COMMANDS and self.on_command is not None:
            self.on_command(command)
