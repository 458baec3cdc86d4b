"""A grid of settings: every combination is one training."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

from course_lib.training.preset import Preset

# More is a mistake of the keyboard, or a job for another tool.
MAX_POINTS = 1000


def parse_grid(pairs: Sequence[str]) -> dict[str, list[str]]:
    """``["latent_dim=8,16", "beta=0.1,1"]`` -> ``{"latent_dim": ["8", "16"], "beta": ["0.1", "1"]}``.

    Raises
    ------
    ValueError
        A pair without values, a name or a value given twice.
    """
    grid: dict[str, list[str]] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        name, values = name.strip(), [value.strip() for value in text.split(",")]
        if not equals or not name or not all(values):
            raise ValueError(f"--grid expects FIELD=VALUE,VALUE, such as latent_dim=8,16; received {pair!r}")
        if name in grid:
            raise ValueError(f"--grid names {name} twice; put its values into one: {name}=A,B")
        if len(set(values)) < len(values):
            raise ValueError(f"--grid gives {name} a value twice; received {text}")
        grid[name] = values
    return grid


def points(grid: Mapping[str, Sequence[str]]) -> list[dict[str, str]]:
    """Every combination, the last setting varying fastest; one empty point for an empty grid."""
    return [dict(zip(grid, values, strict=True)) for values in itertools.product(*grid.values())]


def check_points(preset: Preset, grid: Mapping[str, Sequence[str]], overrides: Mapping[str, str]) -> None:
    """Refuse a grid of which a single training could not start, before any does.

    Raises
    ------
    ValueError
        A setting that the preset has not or a value out of its range, by name; too many combinations.
    """
    for name in set(grid) & set(overrides):
        raise ValueError(f"{name} is in --grid and in --set; leave it out of one of them")
    found = points(grid)
    if len(found) > MAX_POINTS:
        raise ValueError(
            f"the grid has {len(found)} combinations; {MAX_POINTS} is the most, take fewer values"
        )
    for point in found:
        preset.parse({**overrides, **point})
