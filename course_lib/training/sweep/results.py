"""What a sweep found: ``results.csv`` and one figure beside its plan."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

from course_lib.training.comparison import scores_of
from course_lib.training.durable import write_bytes
from course_lib.training.store import RunStore
from course_lib.training.sweep.plan import Sweep
from course_lib.training.sweep.point import news_of

PROGRESS = ("state", "step", "epoch", "seconds", "loss", "best_val_loss", "error")


def results(sweep: Sweep, store: RunStore) -> list[dict[str, Any]]:
    """One row a training: its settings, how it stands, and its scores where it was evaluated."""
    known, rows = set(store.names()), []
    for run in sweep.runs:
        row: dict[str, Any] = {"run": run.name, **run.point}
        if run.name in known:
            opened = store.open(run.name)
            news = news_of(opened)
            row |= {name: news[name] for name in PROGRESS} | scores_of(opened)
        else:
            row |= {"state": "waiting"}
        rows.append(row)
    return rows


def write_results(sweep: Sweep, store: RunStore) -> Path:
    """Write ``results.csv``; it appears whole."""
    rows = results(sweep, store)
    columns = list(dict.fromkeys(["run", *sweep.columns, *PROGRESS, *(key for row in rows for key in row)]))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows({key: "" if value is None else value for key, value in row.items()} for row in rows)
    path = sweep.folder / "results.csv"
    write_bytes(path, text.getvalue().encode())
    return path


def draw_results(sweep: Sweep, store: RunStore) -> Path | None:
    """Draw the best held-out loss over the first setting into ``results.png``; None when nothing has one."""
    from course_lib.plotting.sweep import sweep_figure

    rows = [row for row in results(sweep, store) if row.get("best_val_loss") is not None]
    columns = [column for column in sweep.columns if column != "seed"]
    if not rows or not columns:
        return None
    figure = sweep_figure(rows, columns, value="best_val_loss", ylabel="best held-out loss", title=sweep.name)
    data = io.BytesIO()
    figure.savefig(data, format="png", dpi=150, facecolor="white")
    path = sweep.folder / "results.png"
    write_bytes(path, data.getvalue())
    return path
