"""A result over one setting of a sweep, a line for each combination of the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from course_lib.plotting.compared_curves import STYLES
from course_lib.plotting.description import describe
from course_lib.plotting.style import legend, new_figure, tidy


def sweep_figure(
    rows: Sequence[Mapping[str, Any]],
    settings: Sequence[str],
    *,
    value: str,
    ylabel: str,
    title: str,
) -> Figure:
    """Draw ``value`` over the first of ``settings``; runs that differ in the seed only meet in their mean.

    Parameters
    ----------
    rows : sequence of mapping
        One a run: each of ``settings`` (text or numbers) and ``value``.
    ylabel : str
        What ``value`` is.

    Raises
    ------
    ValueError
        No rows or no setting.
    """
    if not rows or not settings:
        raise ValueError("a figure of a sweep needs a result and a setting that varies")
    first, others = settings[0], settings[1:]
    places = list(dict.fromkeys(str(row[first]) for row in rows))
    numbers = _numbers(places)
    places = [place for _, place in sorted(zip(numbers, places, strict=True), key=lambda pair: pair[0])]
    lines: dict[str, dict[str, list[float]]] = {}
    for row in rows:
        label = ", ".join(f"{name} = {row[name]}" for name in others)
        lines.setdefault(label, {}).setdefault(str(row[first]), []).append(float(row[value]))
    figure = new_figure(7, 3.6)
    axes = tidy(figure.subplots())
    words = []
    for index, (label, line) in enumerate(lines.items()):
        at = [place for place in places if place in line]
        heights = [float(np.mean(line[place])) for place in at]
        low, high = (
            [abs(height - limit(line[place])) for place, height in zip(at, heights, strict=True)]
            for limit in (min, max)
        )
        axes.errorbar(
            [places.index(place) for place in at],
            heights,
            yerr=[low, high] if any(low + high) else None,
            label=label or None,
            marker="o",
            markersize=4,
            capsize=3,
            **STYLES[index % len(STYLES)],
        )
        words.append(
            f"{label or value.replace('_', ' ')}: "
            + ", ".join(f"{height:.4g} at {place}" for place, height in zip(at, heights, strict=True))
        )
    axes.set_xticks(range(len(places)), places)
    axes.set(title=title, xlabel=first, ylabel=ylabel)
    if others:
        legend(axes)
    return describe(figure, f"{title}, {ylabel} over {first}. {'; '.join(words)}.")


def _numbers(places: Sequence[str]) -> list[float]:
    """What to sort by: the numbers, or the order in which the words came."""
    try:
        return [float(place) for place in places]
    except ValueError:
        return list(range(len(places)))
