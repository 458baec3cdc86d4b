"""What the numbers of a run say, ready to be shown."""

from __future__ import annotations

from typing import Any

from course_lib.training.diagnosis.report import Diagnosis, where_to_learn

WORDS = {"serious": "Serious", "warning": "Watch out", "note": "Good to know"}


def panel_words(diagnosis: Diagnosis, *, ended: bool = False) -> dict[str, Any]:
    """Parameters of a ``DiagnosisPanel``: ``summary``, ``state`` and ``items``, the worst first."""
    return {
        "summary": _summary(diagnosis, ended),
        "state": _state(diagnosis),
        "items": [
            {
                "name": symptom.name,
                "severity": symptom.severity,
                "word": WORDS[symptom.severity],
                "sentence": symptom.sentence,
                "remedy": symptom.remedy,
                "lab": where_to_learn(symptom),
            }
            for symptom in diagnosis.symptoms
        ],
    }


def flag_words(diagnosis: Diagnosis) -> dict[str, str]:
    """Parameters of a ``RunHeader``: ``flag`` and ``flag_state``, empty when nothing is wrong."""
    count = len(diagnosis.wrong)
    if not count:
        return {"flag": "", "flag_state": ""}
    things = "1 thing wrong" if count == 1 else f"{count} things wrong"
    return {"flag": things, "flag_state": diagnosis.wrong[0].severity}


def _state(diagnosis: Diagnosis) -> str:
    if not diagnosis.checked:
        return ""
    return diagnosis.wrong[0].severity if diagnosis.wrong else "well"


def _summary(diagnosis: Diagnosis, ended: bool) -> str:
    """One line: how much was looked at, and what cannot be told yet."""
    if not diagnosis.checked:
        return "There is nothing to look at." if ended else "Too early to tell."
    early = sum(why.startswith("after ") for _, why in diagnosis.skipped)
    need = "needed a longer training" if ended else "will follow as it trains"
    return diagnosis.sentence + (f" {early} more {need}." if early else "")
