"""Small text files that appear whole or not at all."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from course_lib.evaluation.listening.errors import ListeningError


def write_text(path: Path, text: str) -> None:
    """Write beside ``path``, sync, and rename over it: a crash leaves what was there before."""
    handle, partial = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".partial")
    try:
        # Line ends as given: csv writes its own.
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(partial).replace(path)
    finally:
        Path(partial).unlink(missing_ok=True)


def write_json(path: Path, content: Any) -> None:
    """As :func:`write_text`, as JSON."""
    write_text(path, json.dumps(content, indent=1, ensure_ascii=False))


def read_json(path: Path) -> Any:
    """What the file holds; ListeningError when it is missing or damaged."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ListeningError(f"{path.parent} has no {path.name}; expected the folder of a test") from error
    except (OSError, ValueError) as error:
        raise ListeningError(f"{path} cannot be read ({error}); restore it from a copy") from error
