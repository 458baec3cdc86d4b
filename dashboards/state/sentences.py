"""A run's state in words: what happens, how long it takes, and what to do next."""

from __future__ import annotations

import math
import time
from typing import Any

LIVE_STATES = ("queued", "running", "paused")
STATE_WORDS = {
    "queued": "Waiting",
    "running": "Training",
    "paused": "Paused",
    "done": "Finished",
    "failed": "Failed",
    "stopped": "Stopped",
}


def duration(seconds: float | None) -> str:
    """Seconds in words: ``"8 s"``, ``"2 min 5 s"``, ``"1 h 20 min"``; an unknown length is ``"?"``."""
    if seconds is None or not math.isfinite(seconds) or seconds < 0:
        return "?"
    seconds = round(seconds)
    if seconds < 60:
        return f"{seconds} s"
    minutes, seconds = divmod(seconds, 60)
    if minutes < 60:
        return f"{minutes} min {seconds} s" if seconds else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def age(then: float, *, now: float | None = None) -> str:
    """How long ago a Unix time was: ``"just now"``, ``"5 min ago"``, ``"3 days ago"``."""
    seconds = max(0.0, (time.time() if now is None else now) - then)
    if seconds < 45:
        return "just now"
    for size, unit, plural in ((86400, "day", "days"), (3600, "h", "h"), (60, "min", "min")):
        if seconds >= size:
            count = int(seconds // size)
            return f"{count} {unit if count == 1 else plural} ago"
    return "1 min ago"


def count(number: float | None) -> str:
    """An integer with thousands set apart by a thin space: ``"12 000"``."""
    return "0" if number is None else f"{int(number):,}".replace(",", " ")


def rung(step: int) -> str:
    """The name of a ladder's rung: ``"before training"`` or ``"step 1 000"``."""
    return "before training" if step == 0 else f"step {count(step)}"


def progress(status: dict[str, Any], config: dict[str, Any] | None = None) -> float | None:
    """Share of the training done, in [0, 1]; None while nothing is known."""
    state = status.get("state")
    if state == "done":
        return 1.0
    shares = []
    if status.get("epochs"):
        shares.append((status.get("epoch") or 0) / status["epochs"])
    limit = (config or {}).get("max_seconds")
    if limit:
        shares.append((status.get("elapsed_s") or 0) / limit)
    elapsed, eta = status.get("elapsed_s"), status.get("eta_s")
    if state == "running" and elapsed and eta is not None and elapsed + eta > 0:
        shares.append(elapsed / (elapsed + eta))
    return min(1.0, max(shares)) if shares else None


def sentence(status: dict[str, Any]) -> str:
    """One human sentence on the state of a run; what to do next is in :func:`advice`."""
    state = status.get("state")
    elapsed, eta = duration(status.get("elapsed_s")), status.get("eta_s")
    epoch, epochs = status.get("epoch") or 0, status.get("epochs") or 0
    if state == "queued":
        return "In the queue: it starts as soon as the training slot is free."
    if state == "running":
        if not status.get("step"):
            message = (status.get("message") or "reading the sounds and building the network").rstrip(".")
            return f"Getting ready: {message}."
        if eta is None:
            return "Learning."
        return "Nearly there." if eta < 2 else f"Learning: about {duration(eta)} to go."
    if state == "paused":
        return f"Paused after {elapsed} of training. Nothing is lost."
    if state == "done":
        return f"Finished in {elapsed}."
    if state == "stopped":
        where = f" in epoch {epoch + 1 if epoch < epochs else epoch} of {epochs}" if epochs else ""
        return f"Stopped after {elapsed}{where}."
    if state == "failed":
        return "This training broke off."
    return "Reading the run."


def advice(status: dict[str, Any]) -> str:
    """What to do next about a run in this state; empty when there is nothing to do."""
    state, error = status.get("state"), (status.get("error") or "").strip()
    if state == "failed":
        return f"{error or 'The training process ended without a word.'}\n" + failure_remedy(error)
    if state == "stopped":
        message = status.get("message") or ""
        if error or message.startswith(("interrupted", "cancelled", "the program")):
            reason = (error or message).split(";")[0]
            return f"{reason[:1].upper()}{reason[1:]}.\nResume goes on where it ended."
        return "Resume goes on from the last checkpoint; the sounds below are what it had learnt by then."
    if state == "paused":
        return "Listen to the rungs below while it waits."
    return ""


def failure_remedy(error: str) -> str:
    """The next step after a failure, from the words of its error."""
    low = error.lower()
    if "memory" in low or "oom" in low or "resource_exhausted" in low:
        return "Out of memory: start again with a smaller batch size, or close other programs."
    if "no space" in low or "disk" in low:
        return "The disk is full: free some space, then press Resume."
    if "nan" in low or "not finite" in low or "diverge" in low:
        return "The loss ran away: start again with a learning rate ten times smaller."
    if "course data" in low or "dataset" in low:
        return "The data is missing or has changed: run the command above, then start again."
    return "Press Resume to go on from the last checkpoint; if it fails again, run `course doctor`."
