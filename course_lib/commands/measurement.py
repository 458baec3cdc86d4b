"""One number beside its bar, and a table of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Measurement:
    """A measured number.

    Attributes
    ----------
    name : str
        What was measured, for people.
    value : float or None
        None when it could not be measured; ``note`` then says why.
    unit : str
        "s", or empty for a score.
    bar : float or None
        What it must reach; None for numbers that are only reported.
    at_least : bool
        Whether more is better.
    note : str
        How it was measured.
    command : str
        What measures it again.
    """

    name: str
    value: float | None
    unit: str = "s"
    bar: float | None = None
    at_least: bool = False
    note: str = ""
    command: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the bar is met; None without a bar or a number."""
        if self.bar is None or self.value is None:
            return None
        return self.value >= self.bar if self.at_least else self.value <= self.bar

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return vars(self) | {"met": self.met}


def missed(measurements: list[Measurement]) -> list[str]:
    """Names of those below their bar, or with a bar and no number."""
    return [m.name for m in measurements if m.bar is not None and not m.met]


def table(measurements: list[Measurement], *, title: str, caption: str = ""):
    """A rich table: what, measured, bar, met or missed."""
    from rich.markup import escape
    from rich.table import Table

    view = Table(title=escape(title), caption=escape(caption) or None)
    for heading, justify in (
        ("", "left"),
        ("measured", "right"),
        ("bar", "right"),
        ("", "left"),
        ("how", "left"),
    ):
        view.add_column(heading, justify=justify)
    for m in measurements:
        value = "n/a" if m.value is None else number(m.value, m.unit)
        bar = "" if m.bar is None else f"{'≥' if m.at_least else '≤'} {number(m.bar, m.unit)}"
        mark = "" if m.bar is None else "[green]✓ met[/]" if m.met else "[red]✗ missed[/]"
        view.add_row(escape(m.name), value, bar, mark, escape(m.note))
    return view


def number(value: float, unit: str = "") -> str:
    """Three digits and the unit; a bare score has three decimals, a large count its thousands, NaN is n/a."""
    if value != value:
        return "n/a"
    style = ",.0f" if abs(value) >= 1000 else ".3g" if unit else ".3f"
    text = f"{value:{style}}"
    return f"{text} {unit}" if unit else text
