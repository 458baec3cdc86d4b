"""How far a score is on the way from its floor to its ceiling: what metrics of any scale have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

# Every other metric of the course is the better the higher.
LOWER_IS_BETTER = frozenset({"log_mel_l1", "mae_features"})


def share(score, *, floor, ceiling, lower_is_better: bool = False) -> float | None:
    """(score - floor) / (ceiling - floor): 0 at the floor, 1 at the ceiling.

    Parameters
    ----------
    score, floor, ceiling : float or None
        In one unit. The floor is what costs nothing (the noisy sound, the mean of the data), the ceiling what
        nothing of the model's kind can pass.
    lower_is_better : bool
        The formula is the same; the ceiling must then be the lower one.

    Returns
    -------
    float or None
        Below 0 where the model does harm. None where the share means nothing: a score is missing or not
        finite, or the ceiling is no better than the floor.
    """
    if any(value is None or not np.isfinite(value) for value in (score, floor, ceiling)):
        return None
    way = ceiling - floor
    if not (way < 0 if lower_is_better else way > 0):
        return None
    return float((score - floor) / way)


def add_shares(
    rows: Mapping[str, Mapping[str, Any]], ends: Mapping[str, tuple[str, str]]
) -> dict[str, dict[str, Any]]:
    """A scoreboard's rows with a ``<metric>_share`` for each metric.

    Parameters
    ----------
    rows : mapping of str to mapping
        Row's name -> metric's name -> value.
    ends : mapping of str to (str, str)
        Metric's name -> names of the rows that are its floor and its ceiling.

    Returns
    -------
    dict
        New rows, the old keys first.

    Raises
    ------
    ValueError
        A floor or ceiling that is no row.
    """
    missing = sorted({name for pair in ends.values() for name in pair} - set(rows))
    if missing:
        raise ValueError(f"expected a floor and a ceiling of the rows {', '.join(rows)}; received {missing}")
    return {
        name: dict(row)
        | {
            f"{metric}_share": share(
                row[metric],
                floor=rows[floor][metric],
                ceiling=rows[ceiling][metric],
                lower_is_better=metric in LOWER_IS_BETTER,
            )
            for metric, (floor, ceiling) in ends.items()
        }
        for name, row in rows.items()
    }
