"""The live table of a sweep: a row a training; a line for each that ends, where there is no terminal."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from course_lib.commands.progress import duration

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from course_lib.training.store import RunStore
    from course_lib.training.sweep.plan import Sweep

# More would not fit a terminal: what trains and what failed comes first.
MAX_ROWS = 30
ORDER = ("running", "paused", "failed", "stopped", "queued", "waiting", "done")


class SweepDisplay:
    """Use as a context manager; ``show`` from any thread.

    Parameters
    ----------
    console : rich.console.Console
    sweep : Sweep
    store : RunStore
        What stands there already is shown from the beginning.
    """

    def __init__(self, console: Console, sweep: Sweep, store: RunStore):
        from rich.live import Live

        from course_lib.training.sweep.results import results

        self.console, self.sweep = console, sweep
        self._rows: dict[str, dict[str, Any]] = {row["run"]: row for row in results(sweep, store)}
        self._lock = threading.Lock()
        self._live = (
            Live(self._table(), console=console, refresh_per_second=4) if console.is_terminal else None
        )

    def __enter__(self) -> SweepDisplay:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(self, *error) -> None:
        if self._live is not None:
            self._live.stop()

    def show(self, news: dict[str, Any]) -> None:
        """Bring one training's row up to date."""
        with self._lock:
            row = self._rows[news["name"]]
            ended = row.get("state") != news["state"] and news["state"] in ("done", "failed", "stopped")
            row.update(news)
            if self._live is not None:
                self._live.update(self._table())
            elif ended:
                self.console.print(self._line(row), highlight=False)

    def _line(self, row: dict[str, Any]) -> str:
        point = ", ".join(f"{name}={row[name]}" for name in self.sweep.columns)
        loss = "" if row.get("best_val_loss") is None else f", held-out {row['best_val_loss']:.4f}"
        return f"{row['run']} ({point}): {row['state']}{loss}"

    def _table(self) -> Table:
        from rich.table import Table

        done = sum(row.get("state") == "done" for row in self._rows.values())
        table = Table(
            box=None, padding=(0, 2, 0, 0), header_style="bold", caption=f"{done} of {len(self._rows)}"
        )
        for heading in ("run", *self.sweep.columns, "state", "epoch", "held-out", "time", "worker"):
            table.add_column(heading, no_wrap=True)
        rows = sorted(self._rows.values(), key=lambda row: ORDER.index(row.get("state", "waiting")))
        for row in rows[:MAX_ROWS]:
            loss = row.get("best_val_loss")
            table.add_row(
                row["run"],
                *(str(row[name]) for name in self.sweep.columns),
                row.get("state", "waiting"),
                f"{row['epoch']}/{row['epochs']}" if row.get("epochs") else "",
                "" if loss is None else f"{loss:.4f}",
                duration(row["seconds"]) if row.get("seconds") else "",
                str(row.get("worker", "")).removeprefix("tcp://"),
            )
        if len(rows) > MAX_ROWS:
            table.add_row(f"... and {len(rows) - MAX_ROWS} more")
        return table
