"""What turns a notebook into a lab: its session, checks, hints, quizzes, players and builds."""

from __future__ import annotations

import importlib

_ROOMS = ("build", "check", "figures", "hint", "knobs", "lab", "player", "quiz", "sound_knobs")


def __getattr__(name: str):
    # A notebook writes `teaching.lab.open("01")` after one import; nothing is loaded until it is named.
    if name in _ROOMS:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
