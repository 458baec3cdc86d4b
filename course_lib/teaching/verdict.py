"""What a check answers."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Literal

Kind = Literal["not attempted", "wrong shape", "wrong value", "correct"]
STYLES = {
    "not attempted": ("○", "#6b7280"),
    "wrong shape": ("▱", "#b45309"),
    "wrong value": ("✗", "#c2410c"),
    "correct": ("✓", "#15803d"),
}


@dataclass(frozen=True)
class Verdict:
    """The answer to one exercise: true when correct; shown as a coloured line, or as text without HTML."""

    exercise: str
    kind: Kind
    message: str

    def __bool__(self) -> bool:
        return self.kind == "correct"

    @property
    def correct(self) -> bool:
        """Whether the exercise is solved."""
        return bool(self)

    def __repr__(self) -> str:
        return f"{STYLES[self.kind][0]} {self.exercise} · {self.kind}: {self.message}"

    def _repr_html_(self) -> str:
        mark, colour = STYLES[self.kind]
        return notice(
            f"<b>{self.exercise} · {self.kind}</b> — {escape(self.message)}", mark=mark, colour=colour
        )


def notice(body: str, *, mark: str = "", colour: str = "#4f46e5") -> str:
    """One coloured block of HTML that stays readable in JupyterLab's light and dark themes."""
    return (
        f'<div role="status" style="border-left:4px solid {colour};padding:.45em .9em;margin:.3em 0;'
        'border-radius:4px;background:var(--jp-layout-color2,#f4f4f6);color:var(--jp-content-font-color1,#1f2328)">'
        f'<span style="color:{colour};font-weight:700" aria-hidden="true">{mark}</span> {body}</div>'
    )
