"""A learner's own record of one lab: a small JSON file on this machine, sent nowhere."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import platformdirs

SECTIONS = ("checks", "hints", "answers", "predictions", "probe")


def folder() -> Path:
    """``COURSE_PROGRESS``, or the platform's folder for user data."""
    return Path(os.environ.get("COURSE_PROGRESS") or platformdirs.user_data_path("latent-sound") / "progress")


class Progress:
    """What was checked, hinted, answered and predicted; each change is saved at once, whole or not at all."""

    def __init__(self, number: str, *, root: Path | None = None):
        self.path = (root or folder()) / f"lab{number}.json"
        self.data: dict[str, Any] = {name: {} for name in SECTIONS}
        try:
            stored = json.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            # No record yet, or one that was damaged: a lab must open either way.
            stored = {}
        if isinstance(stored, dict):
            self.data |= {k: v for k, v in stored.items() if k in SECTIONS and isinstance(v, dict)}

    def get(self, section: str, key: str, default: Any = None) -> Any:
        """One entry, or ``default``."""
        return self.data[section].get(key, default)

    def set(self, section: str, key: str, value: Any) -> None:
        """Keep one entry; a folder that cannot be written costs the record, never the lab."""
        self.data[section][key] = value
        self.data["saved"] = time.strftime("%Y-%m-%dT%H:%M:%S")
        partial = self.path.with_suffix(f".{os.getpid()}.partial")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            partial.write_text(json.dumps(self.data, indent=1, ensure_ascii=False), encoding="utf-8")
            partial.replace(self.path)
        except OSError:
            partial.unlink(missing_ok=True) if partial.exists() else None
