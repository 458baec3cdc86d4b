"""``--holdout george,theo`` and ``--holdout george --holdout theo`` say the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

Holdout = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME[,NAME]", help="Speakers to keep out of training: george,theo; repeatable."),
]


def speakers(given: Sequence[str] | None) -> list[str] | None:
    """The names in the values of the option, each once, in their order; None when it was not given.

    Raises
    ------
    ValueError
        The option was given, but names nobody.
    """
    if given is None:
        return None
    names = [name for value in given for name in map(str.strip, value.split(",")) if name]
    if given and not names:
        raise ValueError("--holdout expects speakers, such as --holdout george,theo; received none")
    return list(dict.fromkeys(names)) or None
