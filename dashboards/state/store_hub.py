"""One reader of the list of runs for all pages of this process."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from course_lib.training.store import RunError, RunStore, RunSummary, summary
from dashboards.state.sentences import LIVE_STATES

log = logging.getLogger(__name__)


class StoreHub:
    """Tells its listeners when the list of runs has changed; reads only the folders that did.

    Parameters
    ----------
    store : RunStore
    seconds : float
        Time between two looks.
    """

    def __init__(self, store: RunStore, *, seconds: float = 1.5):
        self.store = store
        self._seconds = seconds
        self._lock = threading.RLock()
        self._listeners: list[Callable[[list[RunSummary]], None]] = []
        self._known: dict[str, tuple[tuple, RunSummary]] = {}
        self._rows: list[RunSummary] = []
        self._thread: threading.Thread | None = None
        self._wake = threading.Event()

    def subscribe(self, callback: Callable[[list[RunSummary]], None]) -> Callable[[], None]:
        """Call ``callback(rows)``, newest run first, at each change; returns what ends that."""
        with self._lock:
            self._listeners.append(callback)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._loop, name="runs-reader", daemon=True)
                self._thread.start()

        def unsubscribe() -> None:
            with self._lock:
                if callback in self._listeners:
                    self._listeners.remove(callback)
            self._wake.set()

        return unsubscribe

    def read(self) -> list[RunSummary]:
        """The list now, the newest first; a folder that cannot be read is left out."""
        with self._lock:
            rows = {}
            for name in self.store.names():
                mark = _mark(self.store.root / name)
                known = self._known.get(name)
                # A live run may have died without writing: its process is looked for each time.
                if known and known[0] == mark and known[1].state not in LIVE_STATES:
                    rows[name] = known
                    continue
                try:
                    rows[name] = (mark, summary(self.store.open(name)))
                except (RunError, OSError):
                    continue
            self._known = rows
            self._rows = sorted(
                (row for _, row in rows.values()), key=lambda row: (row.created, row.name), reverse=True
            )
            return self._rows

    def hurry(self) -> None:
        """Look now rather than at the next turn."""
        self._wake.set()

    def _loop(self) -> None:
        told: list[RunSummary] | None = None
        while True:
            self._wake.wait(self._seconds)
            self._wake.clear()
            with self._lock:
                listeners = list(self._listeners)
                if not listeners:
                    self._thread = None
                    return
            try:
                rows = self.read()
            except OSError:
                log.exception("the folder of runs cannot be read")
                continue
            if rows == told:
                continue
            told = rows
            for listener in listeners:
                try:
                    listener(rows)
                except Exception:
                    log.exception("a page failed to take the list of runs")


def _mark(folder: Path) -> tuple:
    marks = []
    for name in ("config.json", "status.json", "history.csv"):
        try:
            stat = (folder / name).stat()
            marks.append((stat.st_mtime_ns, stat.st_size))
        except OSError:
            marks.append(None)
    return tuple(marks)
