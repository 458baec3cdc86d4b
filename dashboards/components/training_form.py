"""The form for a new training, made from a preset's own description of its settings."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import param
from panel.custom import JSComponent

from course_lib.data.catalog import CATALOG
from course_lib.training.presets import PRESETS
from dashboards.components.theme import TOKENS
from dashboards.state.studio import OWN_SPLIT, Studio

HERE = Path(__file__).parent
PLAIN = ("dataset", "holdout", "preset", "name_wanted", "seed", "max_seconds")


class TrainingForm(JSComponent):
    """Shows a :class:`Studio`'s form and hands back what is typed; labels and hints belong to each input."""

    fields = param.List(default=[], item_type=dict, doc="name, title, kind, hint, help, choices, prominent.")
    values = param.Dict(default={}, doc="What each input shows, as text.")
    problems = param.Dict(default={}, doc="What is wrong, by field.")
    notice = param.String(default="", doc="Why the last start did not work.")
    foot = param.String(default="", doc="A remark under the button.")
    studio = param.Parameter(default=None, precedence=-1)

    _rename: ClassVar[dict] = {"studio": None}
    _esm = (HERE / "training_form.js").read_text(encoding="utf-8")
    _stylesheets: ClassVar[list[str]] = [TOKENS + (HERE / "training_form.css").read_text(encoding="utf-8")]

    def __init__(self, studio: Studio, **params):
        super().__init__(studio=studio, **params)
        studio.param.watch(self._describe, ["preset", "dataset"])
        studio.param.watch(self._refresh, [*PLAIN, "values", "problems", "notice"])
        self._describe()
        self._refresh()

    def _describe(self, *events) -> None:
        self.fields = describe(self.studio)

    def _refresh(self, *events) -> None:
        studio = self.studio
        values = {name: getattr(studio, name) for name in PLAIN} | studio.values
        self.param.update(values=values, problems=studio.problems, notice=studio.notice)

    def _handle_msg(self, message) -> None:
        if not isinstance(message, dict):
            return
        if message.get("action") == "start":
            self.studio.start()
            return
        name, value = message.get("field"), str(message.get("value", ""))[:200]
        if name in ("dataset", "preset"):
            if value in self.studio.param[name].objects:
                setattr(self.studio, name, value)
        elif name in PLAIN:
            setattr(self.studio, name, value)
        elif name in self.studio.values:
            self.studio.set_value(name, value)


def describe(studio: Studio) -> list[dict]:
    """The form's fields, in order."""
    own = {
        "digits": "The bundled test voices",
        "fsdd": "Takes 0 to 4 of everybody",
    }.get(studio.dataset, "The data set's own split")
    fields = [
        {
            "name": "dataset",
            "title": "Sounds",
            "kind": "choice",
            "choices": [[name, dataset.title] for name, dataset in CATALOG.items()],
            "help": CATALOG[studio.dataset].description,
            "prominent": True,
            "wide": True,
        },
        {
            "name": "holdout",
            "title": "Held out",
            "kind": "choice",
            "choices": [[OWN_SPLIT, own], *[[name, name] for name in studio.speakers]],
            "help": "Whom the model never hears in training: it is judged on this voice",
            "prominent": True,
            "wide": True,
        },
    ]
    if len(PRESETS) > 1:
        fields.append(
            {
                "name": "preset",
                "title": "Model",
                "kind": "choice",
                "choices": [[name, preset.title] for name, preset in PRESETS.items()],
                "hint": PRESETS[studio.preset].description,
                "prominent": True,
                "wide": True,
            }
        )
    for setting in studio.settings:
        fields.append(
            {
                "name": setting.name,
                "title": setting.title,
                "kind": setting.kind,
                "choices": [[choice, choice] for choice in setting.choices],
                "hint": setting.hint,
                "help": setting.help,
                "prominent": setting.prominent,
            }
        )
    fields += [
        {
            "name": "max_seconds",
            "title": "Time limit (s)",
            "kind": "number",
            "placeholder": "none",
            "hint": "ends the training at the latest",
            "prominent": False,
        },
        {
            "name": "seed",
            "title": "Seed",
            "kind": "integer",
            "hint": "the same seed gives the same run",
            "prominent": False,
        },
        {
            "name": "name_wanted",
            "title": "Name of the run",
            "kind": "text",
            "placeholder": "made up for you",
            "prominent": False,
            "wide": True,
        },
    ]
    return fields
