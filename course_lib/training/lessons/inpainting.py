"""Filled gaps on the scoreboard: strings of digits by unheard speakers without a fifth of their packets."""

from __future__ import annotations

from course_lib.training.lessons.bar import FACTS, Bar
from course_lib.training.lessons.held_out import load_model, load_split
from course_lib.training.lessons.lesson import Lesson
from course_lib.training.lessons.metric import Metric

STRINGS = 40
# The condition's name for people, and the length of a packet in seconds.
GAPS = {"20 ms": 0.02, "60 ms": 0.06}
PERCENT = 20.0


class InpaintingLesson(Lesson):
    """A model between silence and the true magnitudes, beside repetition and straight lines."""

    name = "inpainting"
    title = "Filling gaps, a fifth of the packets lost"
    preset = "inpainting"
    holdout = ("george", "theo")
    seconds = 300.0
    scoring_seconds = 60.0
    items = "ten-digit strings of each length of gaps"
    conditions = tuple(GAPS)
    metrics = (
        Metric("gap_lsd", "LSD in the gaps", digits=2, unit="dB", at_least=False),
        Metric("stoi", "STOI", share=True),
        Metric("pesq_nb", "PESQ-NB", digits=2, share=True),
        Metric("si_sdr", "SI-SDR", digits=1, unit="dB"),
    )
    facts = (*Lesson.facts, Metric("parameters", "parameters", digits=0, at_least=False))
    share_words = "from silence in the gaps to the true magnitudes there"
    bars = (
        *(
            Bar("gap_lsd", of=other, at_least=False, condition=condition)
            for condition in GAPS
            for other in ("silence", "interpolation")
        ),
        *(
            Bar("stoi", of=other, condition=condition)
            for condition in GAPS
            for other in ("silence", "interpolation")
        ),
        Bar("train_seconds", seconds + 2, row=FACTS, at_least=False),
    )

    def evaluate(self, run, *, n=None, on_row=None):
        from course_lib.data.held_out_lists import noisy_strings_of
        from course_lib.evaluation import inpainting

        model = load_model(run, "inpaint")
        _, test, _ = load_split(run)
        strings = noisy_strings_of(test, kind="gaussian", count=n or STRINGS)
        rows, protocols = {}, []
        for condition, seconds in GAPS.items():
            told = None if on_row is None else lambda row, where=condition: on_row(f"{where}: {row}")
            result = inpainting.evaluate(
                model.inpaint,
                [string.clean for string in strings],
                sr=test.sr,
                gap_seconds=seconds,
                percent=PERCENT,
                on_row=told,
            )
            rows[condition] = result["rows"]
            protocols.append(result["protocol"])
        lengths = " or ".join(GAPS)
        return {
            "rows": rows,
            "protocol": protocols[0].replace("20 ms", lengths),
            "settings": result["settings"] | {"gap_seconds": list(GAPS.values())},
            "facts": {"parameters": int(model.count_params())},
        }

    def row_title(self, row, result):
        return {
            "silence": "silence (floor)",
            "repetition": "the last packet again",
            "interpolation": "straight lines",
            "true_magnitudes": "true magnitudes (ceiling)",
        }.get(row, super().row_title(row, result))
