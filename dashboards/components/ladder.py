"""The checkpoint ladder: what the model sounded like at step 0, 1, 3, 10, 30 and so on."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import param
from panel.custom import JSComponent

from dashboards.components.audio_player import PLAYER_CSS, PLAYER_ESM

HERE = Path(__file__).parent


# What the parts of a run are called that does not say so itself.
TITLES = {"input": "Original", "ceiling": "Ceiling", "output": "Reconstruction"}


class Ladder(JSComponent):
    """Choose a clip and a rung; hear what went in, the best that could come out, and what came out.

    A part without a title has no player: a model that makes sound from nothing has only an output.

    The browser holds the chosen clip's sound at every rung, so a click is heard without asking the server.
    """

    clips = param.List(default=[], item_type=str, doc="Names of the preview's clips.")
    clip = param.Integer(default=0, bounds=(0, None), doc="Which clip is chosen.")
    rungs = param.List(
        default=[],
        item_type=dict,
        doc="Per rung: step, label, short, title, error and sound (made by data_uri).",
    )
    step = param.Integer(default=-1, doc="The chosen rung's step; -1 while there is none.")
    follow = param.Boolean(default=True, doc="Move on to a new rung when it appears.")
    who = param.String(default="", doc="Who speaks in the chosen clip.")
    original = param.String(default="", doc="What went in, as a data: address.")
    ceiling = param.String(default="", doc="The representation's round trip, as a data: address.")
    titles = param.Dict(default=TITLES, doc="What input, ceiling and output are called.")
    empty_text = param.String(default="", doc="What to say while there is no rung.")

    _esm = PLAYER_ESM + (HERE / "ladder.js").read_text(encoding="utf-8")
    _stylesheets: ClassVar[list[str]] = [PLAYER_CSS + (HERE / "ladder.css").read_text(encoding="utf-8")]
