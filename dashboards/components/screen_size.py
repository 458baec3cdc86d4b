"""How large the browser's window is: asked once, when the page opens."""

from __future__ import annotations

from typing import ClassVar

import param
from panel.custom import JSComponent


class ScreenSize(JSComponent):
    """Shows nothing; tells the server the window's width in CSS pixels."""

    width = param.Integer(default=0, doc="CSS pixels; 0 until the browser has said.")

    _esm = """
export function render({model, el}) {
  el.style.display = "none"
  model.width = window.innerWidth
}
"""
    _stylesheets: ClassVar[list[str]] = []
