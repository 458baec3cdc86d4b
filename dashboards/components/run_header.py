"""A run's name, state and progress, and the buttons for what can be asked of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import param
from panel.custom import JSComponent

from dashboards.components.theme import TOKENS
from dashboards.state import sentences
from dashboards.state.run_hub import RunSnapshot

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
    flag = param.String(default="", doc="How many things are wrong, as a link to what; empty when none.")
    flag_state = param.String(default="", doc="serious or warning.")
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


def header_words(snapshot: RunSnapshot, *, error: str | None = None) -> dict:
    """Parameters of a :class:`RunHeader` for a snapshot."""
    status, config = snapshot.status, snapshot.config
    state = status.get("state", "")
    data = config.get("dataset") or {}
    about = [
        str(config.get("preset", "")).replace("_", " "),
        data.get("name", ""),
        f"held out: {_names(data['holdout'])}" if data.get("holdout") else "",
        f"seed {config['seed']}" if "seed" in config else "",
    ]
    share = sentences.progress(status, config)
    detail = []
    if status.get("epochs"):
        detail.append(f"epoch {status.get('epoch') or 0} of {status['epochs']}")
    if status.get("step"):
        detail.append(f"step {sentences.count(status['step'])}")
    if status.get("elapsed_s") and state in ("running", "paused"):
        detail.append(sentences.duration(status["elapsed_s"]))
    advice = snapshot.problem or error or sentences.advice(status)
    return {
        "about": " · ".join(part for part in about if part),
        "state": state,
        "state_word": sentences.STATE_WORDS.get(state, "Reading"),
        "sentence": sentences.sentence(status),
        "detail": " · ".join(detail),
        "advice": advice,
        "progress": -1.0 if share is None else share,
        "commands": {
            "queued": ["stop"],
            "running": ["pause", "stop"],
            "paused": ["resume", "stop"],
            "stopped": ["resume"],
            "failed": ["resume"],
        }.get(state, []),
    }


def _names(names) -> str:
    names = [names] if isinstance(names, str) else list(names)
    return ", ".join(names) if len(names) <= 3 else f"{', '.join(names[:2])} and {len(names) - 2} more"
