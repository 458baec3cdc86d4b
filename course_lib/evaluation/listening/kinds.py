"""The kinds of test, each a module with ``trials``, ``rows``, ``analyse``, ``QUESTION`` and ``COLUMNS``."""

from __future__ import annotations

from types import ModuleType

from course_lib.evaluation.listening import abx, mushra, preference
from course_lib.evaluation.listening.errors import ListeningError

KINDS: dict[str, ModuleType] = {"abx": abx, "preference": preference, "mushra": mushra}


def get_kind(name: str) -> ModuleType:
    """The module of a kind; ListeningError lists the kinds."""
    if name not in KINDS:
        raise ListeningError(f"kind must be one of {', '.join(KINDS)}; received {name!r}")
    return KINDS[name]
