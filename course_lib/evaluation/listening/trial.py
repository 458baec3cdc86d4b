"""One question to one listener."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class Trial(BaseModel):
    """Sounds under blind labels, what they really are, and the answer once there is one.

    Attributes
    ----------
    item : str
        Which sound, in several systems' versions.
    systems : dict
        System of each label: ``{"A": "codec", "B": "original", "X": "codec"}``. Never leaves the server.
    tokens : dict
        A random name for each label, other in every trial: equal sounds have unequal names.
    answers : list of str
        What may be chosen, or which labels are to be scored.
    answer : str, dict or None
        The choice, or a score for each label.
    seconds : float or None
        How long the listener took.
    """

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    item: str
    systems: dict[str, str]
    tokens: dict[str, str]
    answers: list[str]
    answer: str | dict[str, Annotated[float, Field(ge=0, le=100)]] | None = None
    seconds: Annotated[float, Field(ge=0)] | None = None
