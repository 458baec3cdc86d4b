"""One thing that is wrong, in words and numbers."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

SEVERITIES = ("serious", "warning", "note")


@dataclass(frozen=True)
class Symptom:
    """What a check found.

    Attributes
    ----------
    name : str
        Short, the same for every run: ``"overfitting"``.
    severity : str
        ``"serious"``: what comes out is not what was wanted; ``"warning"``: it would come out better
        otherwise; ``"note"``: worth knowing, nothing to mend.
    sentence : str
        What is the matter, with its numbers.
    remedy : str
        Which setting to change, and in which direction. Empty for a note.
    evidence : dict
        The numbers behind the sentence, JSON-ready and finite.
    lab : str
        Number of the lab that provokes and cures it; empty where none does.

    Raises
    ------
    ValueError
        A severity that there is not.
    """

    name: str
    severity: str
    sentence: str
    remedy: str = ""
    evidence: dict[str, Any] = field(default_factory=dict)
    lab: str = ""

    def __post_init__(self):
        if self.severity not in SEVERITIES:
            raise ValueError(f"severity must be one of {', '.join(SEVERITIES)}; received {self.severity!r}")

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return asdict(self)
