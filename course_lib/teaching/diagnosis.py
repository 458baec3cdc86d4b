"""A diagnosis for a notebook: the sentences that ``course diagnose`` and the studio show."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from course_lib.teaching.notebook import Html
from course_lib.teaching.verdict import notice

if TYPE_CHECKING:
    from course_lib.evaluation.diagnosis.symptom import Symptom
    from course_lib.training.diagnosis.report import Diagnosis

STYLES = {"serious": ("✗", "#c2410c"), "warning": ("!", "#b45309"), "note": ("·", "#6b7280")}


def told(diagnosis: Diagnosis) -> Html:
    """One block for the whole, one for each symptom, the worst first."""
    mark, colour = ("!", "#b45309") if diagnosis.wrong else ("✓", "#15803d")
    html = [notice(escape(diagnosis.sentence), mark=mark, colour=colour)]
    text = [f"{diagnosis.run}: {diagnosis.sentence}"]
    for symptom in diagnosis.symptoms:
        block, lines = _symptom(symptom)
        html.append(block)
        text += lines
    return Html("".join(html), "\n".join(text))


def _symptom(symptom: Symptom) -> tuple[str, list[str]]:
    from course_lib.training.diagnosis.report import where_to_learn

    mark, colour = STYLES[symptom.severity]
    after = [symptom.remedy, where_to_learn(symptom)]
    lines = [f"{mark} {symptom.name}: {symptom.sentence}", *(f"  → {line}" for line in after if line)]
    body = f"<b>{escape(symptom.name)}</b>: {escape(symptom.sentence)}"
    body += "".join(f"<br>→ {escape(line)}" for line in after if line)
    return notice(body, mark=mark, colour=colour), lines
