"""A switch for the back row."""

from __future__ import annotations

from typing import ClassVar

import param
from panel.custom import JSComponent


class LargeType(JSComponent):
    """A button that enlarges all type of its page; the browser remembers the choice."""

    large = param.Boolean(default=False, doc="Large type is on; figures follow it from Python.")

    _esm = """
export function render({model}) {
  const button = document.createElement("button")
  button.type = "button"
  button.title = "Large type, for a projector"
  button.setAttribute("aria-label", "Large type")
  button.innerHTML = "<span>A</span><b>A</b>"
  const show = () => {
    document.documentElement.classList.toggle("ls-large", model.large)
    button.setAttribute("aria-pressed", model.large)
  }
  let remembered = null
  try { remembered = localStorage.getItem("latent-sound-large") } catch { /* private window */ }
  if (remembered === "1" && !model.large) { model.large = true }
  button.addEventListener("click", () => {
    model.large = !model.large
    try { localStorage.setItem("latent-sound-large", model.large ? "1" : "0") } catch { /* private window */ }
  })
  model.on("large", show)
  show()
  return button
}
"""
    _stylesheets: ClassVar[list[str]] = [
        """
button {
  font-family: inherit; color: #fff; background: transparent; border: 1px solid rgb(255 255 255 / .45);
  border-radius: 9px; height: 2.25rem; padding: 0 .65rem; line-height: 2.1rem; cursor: pointer;
  display: inline-flex; align-items: baseline;
}
button[aria-pressed="true"] { background: #fff; color: #27226b; }
button:focus-visible { outline: 3px solid #fff; outline-offset: 2px; }
span { font-size: .85rem; } b { font-size: 1.25rem; }
"""
    ]
