"""One column of a lesson's table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Metric:
    """How a number is called and written.

    Attributes
    ----------
    name : str
        Its key in a row.
    title : str
        For people, without unit and direction.
    digits : int
        Decimals.
    unit : str
        Empty for a bare score.
    at_least : bool
        Whether more is better.
    share : bool
        Whether tables also show it as a share of the way from floor to ceiling.
    """

    name: str
    title: str
    digits: int = 3
    unit: str = ""
    at_least: bool = True
    share: bool = False

    @property
    def heading(self) -> str:
        """Title, unit and an arrow that points to the better side."""
        unit = f", {self.unit}" if self.unit else ""
        return f"{self.title}{unit} {'↑' if self.at_least else '↓'}"

    def text(self, value: float | None) -> str:
        """The number without its unit."""
        if value is None:
            return "n/a"
        # Large counts are read by their thousands.
        return f"{value:,.{self.digits}f}"
