"""What a run's own folder says about what it cost."""

from __future__ import annotations

import itertools
import statistics
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from course_lib.training.run_folder import Run


def epoch_times(history: dict[str, list[float]]) -> list[float]:
    """Seconds of each epoch after the first, which compiles the network; held-out loss and previews included.

    Parameters
    ----------
    history : dict
        :meth:`course_lib.training.store.Run.history`.
    """
    ends = {int(e): s for e, s in zip(history["epoch"], history["seconds"], strict=True) if e >= 1}
    return [(ends[b] - ends[a]) / (b - a) for a, b in itertools.pairwise(sorted(ends))]


def facts(run: Run) -> dict[str, Any]:
    """``train_seconds``, ``epochs`` and ``epoch_seconds``, the median after the first (None: too few)."""
    status, times = run.status(), epoch_times(run.history())
    return {
        "train_seconds": round(status.elapsed_s, 1),
        "epochs": status.epoch,
        "epoch_seconds": statistics.median(times) if times else None,
    }
