"""One run and nothing else: what a notebook shows in a frame."""

from __future__ import annotations

from collections.abc import Callable

import panel as pn

from dashboards.components.theme import page_css
from dashboards.components.training_view import TrainingView

# Tells the notebook around the frame how high the page is, whenever that changes.
TELL_HEIGHT = """
<script>
new ResizeObserver(() => {
  parent.postMessage({latentSoundHeight: document.body.scrollHeight + 4}, "*")
}).observe(document.body)
</script>
"""


def watch(find: Callable[[str], object | None]) -> pn.viewable.Viewable:
    """The page ``watch?run=KEY``; ``find(KEY)`` gives the run or None."""
    dark = pn.state.session_args.get("theme", [b""])[0] == b"dark"
    pn.config.raw_css = [page_css(dark), "html, body { margin: 0; height: auto; background: transparent; }"]
    run = find(pn.state.session_args.get("run", [b""])[0].decode())
    if run is None:
        return pn.pane.HTML("<p>No such view. Run the notebook's cell again.</p>")
    view = TrainingView(run)
    pn.state.on_session_destroyed(lambda context: view.close())
    return pn.Column(
        view.panel(),
        pn.pane.HTML(TELL_HEIGHT, height=0, margin=0),
        sizing_mode="stretch_width",
        margin=0,
    )
