"""Figures that say in words what they show, for those who do not see them."""

from __future__ import annotations

import base64
import html
import io
from typing import Any

from matplotlib.figure import Figure

PIXELS_PER_INCH = 96


class DescribedFigure(Figure):
    """A matplotlib figure that a notebook shows with its description as the picture's alternative text.

    It needs no pyplot: a notebook that never imported that would print a plain figure as its address.
    """

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, Any]:
        buffer = io.BytesIO()
        # Twice the pixels: screens of today show it sharp at its size in inches.
        self.savefig(buffer, format="png", dpi=2 * PIXELS_PER_INCH)
        picture = base64.b64encode(buffer.getvalue()).decode()
        text = alt_text(self)
        width = round(self.get_figwidth() * PIXELS_PER_INCH)
        style = f"width:{width}px;max-width:100%;height:auto"
        tag = f'<img src="data:image/png;base64,{picture}" alt="{html.escape(text)}" style="{style}">'
        return {"text/html": tag, "text/plain": text}


def describe(figure: Figure, text: str) -> Figure:
    """Attach a description to a figure and return it."""
    figure.set_label(text)
    return figure


def alt_text(figure: Figure) -> str:
    """The description of a figure that this room made: what a screen reader says."""
    return str(figure.get_label())
