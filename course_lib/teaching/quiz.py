"""Questions and predictions: buttons where widgets work, text where they do not."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

from course_lib.teaching.exercise import Prediction, Question
from course_lib.teaching.verdict import notice

LETTERS = "abcdefgh"
# Answers are sentences: they begin at the left like all text, and break instead of being cut.
STYLE = (
    "<style>.course-choice {text-align: left; padding: .2em 1em; white-space: normal; line-height: 1.5}"
    "</style>"
)


class Choice:
    """One text and its options; ``on_choose(index)`` gives the HTML to show under it.

    Displays as ipywidgets buttons; without widgets it prints itself and says how to answer by a call.
    """

    def __init__(
        self, text: str, options: list[str], how: str, on_choose: Callable[[int], str], chosen: int | None
    ):
        self.text, self.options, self.how, self.on_choose = text, options, how, on_choose
        self.reply = "" if chosen is None else on_choose(chosen)
        self.chosen = chosen
        self._buttons: list[Any] = []
        self._output: Any = None

    def choose(self, letter: str) -> Choice:
        """Answer by letter: ``"a"`` is the first option."""
        index = LETTERS.find(str(letter).strip().lower()[:1] or "?")
        if not 0 <= index < len(self.options):
            raise ValueError(
                f"expected one of {', '.join(LETTERS[: len(self.options)])}; received {letter!r}"
            )
        self.chosen, self.reply = index, self.on_choose(index)
        self._refresh()
        return self

    def __repr__(self) -> str:
        rows = [f"  {LETTERS[i]}) {option}" for i, option in enumerate(self.options)]
        return "\n".join([self.text, *rows, strip_tags(self.reply) or f"Answer with {self.how}"])

    def widget(self) -> Any:
        """The same question as an ipywidgets box."""
        import ipywidgets

        layout = ipywidgets.Layout(width="auto", max_width="60em", height="auto", min_height="2.2em")
        self._buttons = []
        for index, option in enumerate(self.options):
            button = ipywidgets.Button(description=f"{LETTERS[index]})  {option}", layout=layout)
            button.add_class("course-choice")
            button.on_click(lambda _, letter=LETTERS[index]: self.choose(letter))
            self._buttons.append(button)
        self._output = ipywidgets.HTML()
        title = ipywidgets.HTML(
            f'{STYLE}<div style="font-weight:600;margin:.2em 0">{escape(self.text)}</div>'
        )
        self._refresh()
        return ipywidgets.VBox([title, *self._buttons, self._output])

    def _refresh(self) -> None:
        if self._output is not None:
            self._output.value = self.reply
            for index, button in enumerate(self._buttons):
                button.button_style = "info" if index == self.chosen else ""

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        try:
            bundle = self.widget()._repr_mimebundle_(include=include, exclude=exclude)
        except Exception:  # no kernel to talk to, or no widgets: the text is the whole question
            return {"text/plain": repr(self)}
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        return {**(data or {}), "text/plain": repr(self)}, metadata


def strip_tags(html: str) -> str:
    """HTML of our own notices as plain text."""
    import re
    from html import unescape

    return unescape(re.sub(r"<[^>]+>", "", html)).strip()


def quiz(question: Question, *, record: Callable[[int], None], chosen: int | None = None) -> Choice:
    """A question whose every answer is explained when it is chosen."""

    def reply(index: int) -> str:
        record(index)
        answer = question.answers[index]
        mark, colour = ("✓", "#15803d") if answer.right else ("✗", "#c2410c")
        return notice(escape(answer.why), mark=mark, colour=colour)

    options = [answer.text for answer in question.answers]
    return Choice(question.text, options, f'lab.quiz("{question.id}", "a")', reply, chosen)


def predict(prediction: Prediction, *, record: Callable[[int], None], chosen: int | None = None) -> Choice:
    """A guess, recorded and shown again beside the outcome."""

    def reply(index: int) -> str:
        record(index)
        return notice(f"Noted: <i>{escape(prediction.options[index])}</i>. Now run on and see.", mark="✎")

    how = f'lab.predict("{prediction.id}", "a")'
    return Choice(prediction.text, list(prediction.options), how, reply, chosen)
