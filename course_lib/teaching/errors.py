"""The one error a lab raises at a learner."""

from __future__ import annotations


class LabError(RuntimeError):
    """Something a learner can put right; a notebook shows its one sentence and no traceback."""

    def _render_traceback_(self) -> list[str]:
        # IPython asks an exception for its own rendering before it formats a traceback.
        return [f"\x1b[1;33m▸ {self}\x1b[0m"]
