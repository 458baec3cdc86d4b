"""What a lab needs of the notebook it runs in; every function also works without one."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from course_lib.teaching.errors import LabError


class Html:
    """A block of HTML with a plain text for readers without it."""

    def __init__(self, html: str, text: str):
        self.html, self.text = html, text

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return self.html


def shell() -> Any:
    """IPython's running shell, or None."""
    if "IPython" not in sys.modules:
        return None
    from IPython import get_ipython

    return get_ipython()


def has_kernel() -> bool:
    """Whether a Jupyter kernel runs this code, so that displays and widgets have somewhere to go."""
    return getattr(shell(), "kernel", None) is not None


def show(thing: Any) -> None:
    """Display in a notebook, print elsewhere."""
    if has_kernel():
        from IPython.display import display

        display(thing)
    else:
        print(thing, flush=True)


class Line:
    """One line that changes in place: one output in a notebook, elsewhere a printed line at each change."""

    def __init__(self) -> None:
        self._handle: Any = None
        self._last = ""

    def update(self, html: str, text: str) -> None:
        """Replace what the line shows."""
        if text == self._last:
            return
        self._last = text
        if not has_kernel():
            print(text, flush=True)
        elif self._handle is None:
            from IPython.display import display

            self._handle = display(Html(html, text), display_id=True)
        else:
            self._handle.update(Html(html, text))


def explain_errors(names: Mapping[str, str]) -> None:
    """Turn the two errors of cells run out of order, or with an untouched stub, into one sentence.

    ``names`` says where each name of the lab is defined. Every other error keeps its traceback.
    """
    running = shell()
    if running is None:
        return

    def handler(
        self: Any, kind: type, value: BaseException, trace: Any, tb_offset: int | None = None
    ) -> None:
        if isinstance(value, NotImplementedError):
            sentence = (
                f"{value or 'an exercise is not done yet'}: fill in its stub, run it, then this cell again."
            )
        elif getattr(value, "name", None) in names:
            sentence = f"`{value.name}` is not there yet: first run {names[value.name]}."
        else:
            return self.showtraceback((kind, value, trace), tb_offset=tb_offset)
        # The shell must still count the cell as failed, so that "Run all" stops here.
        return self._showtraceback(kind, value, LabError(sentence)._render_traceback_())

    running.set_custom_exc((NotImplementedError, NameError), handler)
