"""One line of the speed table."""

from __future__ import annotations

import statistics
from dataclasses import asdict, dataclass
from typing import Any

from course_lib.commands.speed.turns import Turns


@dataclass(frozen=True)
class Comparison:
    """A number of ours beside the usual way's.

    Attributes
    ----------
    name : str
        What was measured.
    ours, usual : float or None
        In ``unit``; ``usual`` is None for what has no usual way.
    unit : str
        Such as "ms" or "clips/s".
    ratio : float or None
        How many times better ours is: faster, or smaller.
    low, high : float or None
        The smallest and largest ratio of a turn.
    bar : float or None
        What the ratio must reach.
    how : str
        What stands on either side, and how often it was repeated.
    command : str
        What measures it again.
    """

    name: str
    ours: float | None
    usual: float | None
    unit: str
    ratio: float | None = None
    low: float | None = None
    high: float | None = None
    bar: float | None = None
    how: str = ""
    command: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the bar is met; None without one."""
        return None if self.bar is None else self.ratio is not None and self.ratio >= self.bar

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return asdict(self) | {"met": self.met}


def of_times(name: str, turns: Turns, *, how: str, scale: float = 1.0, unit: str = "s") -> Comparison:
    """A comparison of seconds; ``scale`` turns them into ``unit``."""
    ours, usual = statistics.median(turns.ours), statistics.median(turns.usual)
    return _compared(name, turns, scale * ours, scale * usual, unit, how)


def of_rates(name: str, turns: Turns, *, count: float, unit: str, how: str) -> Comparison:
    """A comparison of how many of ``count`` things a second."""
    ours, usual = statistics.median(turns.ours), statistics.median(turns.usual)
    return _compared(name, turns, count / ours, count / usual, unit, how)


def _compared(name, turns: Turns, ours: float, usual: float, unit: str, how: str) -> Comparison:
    return Comparison(
        name=name,
        ours=ours,
        usual=usual,
        unit=unit,
        ratio=turns.ratio,
        low=min(turns.ratios),
        high=max(turns.ratios),
        how=f"{how}; {len(turns.ratios)} turns",
    )
