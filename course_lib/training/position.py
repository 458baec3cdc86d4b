"""Where a training is: shared by the callbacks of one process."""

from __future__ import annotations

import threading
import time


class Position:
    """Counters and the clock of one training.

    Parameters
    ----------
    epochs, batches : int
        Planned epochs, and batches of each.
    max_seconds : float, optional
    epoch, batch, step, elapsed_s
        Where it begins; not zero when it is resumed.
    stop : threading.Event, optional
        Set by a signal or a stop request, read between two batches.
    """

    def __init__(
        self,
        *,
        epochs: int,
        batches: int,
        max_seconds: float | None = None,
        epoch: int = 0,
        batch: int = 0,
        step: int = 0,
        elapsed_s: float = 0.0,
        stop: threading.Event | None = None,
    ):
        self.epochs = epochs
        self.batches = batches
        self.max_seconds = max_seconds
        self.epoch = epoch
        self.batch = batch
        self.step = step
        self.stop = threading.Event() if stop is None else stop
        self._elapsed = elapsed_s
        self._since: float | None = None
        self._first: tuple[int, float] | None = None

    @property
    def steps(self) -> int:
        """Planned optimiser steps."""
        return self.epochs * self.batches

    @property
    def elapsed_s(self) -> float:
        """Seconds of training, pauses and the time before a resume not counted."""
        return self._elapsed + (0.0 if self._since is None else time.monotonic() - self._since)

    @property
    def out_of_time(self) -> bool:
        """Whether ``max_seconds`` are over."""
        return self.max_seconds is not None and self.elapsed_s >= self.max_seconds

    def start_clock(self) -> None:
        """Count from now."""
        if self._since is None:
            self._since = time.monotonic()

    def stop_clock(self) -> None:
        """Do not count until :meth:`start_clock`."""
        self._elapsed, self._since = self.elapsed_s, None

    def advance(self) -> None:
        """One batch is done."""
        self.step += 1
        self.batch += 1
        # The first step of a process compiles the network and says nothing of the speed.
        if self._first is None:
            self._first = (self.step, self.elapsed_s)

    @property
    def eta_s(self) -> float | None:
        """Estimated seconds to the end, None while nothing is known."""
        left = None if self.max_seconds is None else max(0.0, self.max_seconds - self.elapsed_s)
        if self._first is None or self.step <= self._first[0]:
            return left
        rate = (self.elapsed_s - self._first[1]) / (self.step - self._first[0])
        by_steps = max(0, self.steps - self.step) * rate
        return by_steps if left is None else min(left, by_steps)
