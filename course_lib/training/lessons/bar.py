"""What one number of a lesson must reach."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# The row of what is known of a run itself: seconds, parameters.
FACTS = "facts"


@dataclass(frozen=True)
class Bar:
    """A limit for one metric of one row, fixed or relative to another row of the same table.

    Attributes
    ----------
    metric : str
        Key in the row.
    threshold : float
        The limit; with ``of``, what is added to that row's number.
    row : str
        Whose number is judged: ``"model"``, another row, or :data:`FACTS`.
    at_least : bool
        Whether the number must be at least the limit, or at most.
    condition : str or None
        Which of the lesson's conditions, such as a kind of noise.
    of : str or None
        A row whose number times ``factor`` plus ``threshold`` is the limit: "at least 0.85 times what real
        recordings score", "at least 15 dB below the model asked rightly".
    factor : float
        See ``of``.
    """

    metric: str
    threshold: float = 0.0
    row: str = "model"
    at_least: bool = True
    condition: str | None = None
    of: str | None = None
    factor: float = 1.0

    def value(self, result: Mapping[str, Any]) -> float | None:
        """The judged number of one evaluation; None when it was not measured."""
        return self._number(result, self.row)

    def limit(self, result: Mapping[str, Any]) -> float | None:
        """The limit in one evaluation; None when the row that it is relative to has no number."""
        if self.of is None:
            return self.threshold
        reference = self._number(result, self.of)
        return None if reference is None else self.factor * reference + self.threshold

    def met(self, value: float | None, limit: float | None) -> bool:
        """Whether ``value`` reaches ``limit``: a number that is missing does not."""
        if value is None or limit is None:
            return False
        return value >= limit if self.at_least else value <= limit

    def _number(self, result: Mapping[str, Any], row: str) -> float | None:
        if row == FACTS:
            return result.get("facts", {}).get(self.metric)
        rows = result["rows"] if self.condition is None else result["rows"].get(self.condition, {})
        return rows.get(row, {}).get(self.metric)
