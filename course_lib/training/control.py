"""``control.json``: what a viewer asks of a training. The newest wish holds until another replaces it."""

from __future__ import annotations

import time
from pathlib import Path

from course_lib.training.durable import read_json, write_json

COMMANDS = ("pause", "resume", "stop")


def write_command(folder: Path, command: str) -> None:
    """Ask for ``pause``, ``resume`` or ``stop``."""
    if command not in COMMANDS:
        raise ValueError(f"unknown command {command!r}; expected one of {', '.join(COMMANDS)}")
    write_json(Path(folder) / "control.json", {"command": command, "time": time.time()}, sync=False)


def read_command(folder: Path) -> str | None:
    """The wish that holds now, or None."""
    content = read_json(Path(folder) / "control.json")
    command = content.get("command") if isinstance(content, dict) else None
    return command if command in COMMANDS else None


def clear_command(folder: Path) -> None:
    """Forget old wishes: done by whoever starts a training, before its process exists."""
    (Path(folder) / "control.json").unlink(missing_ok=True)
