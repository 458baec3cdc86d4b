"""Two ways of doing one thing, timed by turns: what else the machine does meanwhile falls on both."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Turns:
    """Seconds of each turn.

    Attributes
    ----------
    ours, usual : tuple of float
        Equally many; the turns of one number stood side by side.
    """

    ours: tuple[float, ...]
    usual: tuple[float, ...]

    @property
    def ratios(self) -> list[float]:
        """How many times as long the usual way took, turn by turn."""
        return [usual / ours for ours, usual in zip(self.ours, self.usual, strict=True)]

    @property
    def ratio(self) -> float:
        """Their median: a turn in which the machine was busy elsewhere does not move it."""
        return statistics.median(self.ratios)


def by_turns(
    ours: Callable[[], object],
    usual: Callable[[], object],
    *,
    turns: int,
    clock: Callable[[], float] = time.perf_counter,
) -> Turns:
    """Time both, each once before for windows, caches and compilation, then by turns.

    Which of the two goes first alternates: a processor that slows down as it warms up slows both.
    """

    def timed(function: Callable[[], object]) -> float:
        began = clock()
        function()
        return clock() - began

    ours(), usual()
    seconds: dict[Callable[[], object], list[float]] = {ours: [], usual: []}
    for turn in range(turns):
        for function in (ours, usual) if turn % 2 == 0 else (usual, ours):
            seconds[function].append(timed(function))
    return Turns(tuple(seconds[ours]), tuple(seconds[usual]))
