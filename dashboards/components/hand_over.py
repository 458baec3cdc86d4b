"""From a reader's thread to a browser's session."""

from __future__ import annotations

from collections.abc import Callable

from bokeh.document import Document


def later(document: Document, callback: Callable[[], None]) -> bool:
    """Run ``callback`` in the session of ``document`` soon; False when its browser has gone away."""
    if document.session_context is None or document.session_context.destroyed:
        return False
    try:
        document.add_next_tick_callback(callback)
    except AttributeError:
        # Bokeh takes a document apart when its session ends, perhaps between the look above and now.
        return False
    return True
