"""Lab 03 on the scoreboard: out of two unheard voices, the one that says the digit that is asked for."""

from __future__ import annotations

from course_lib.training.lessons.bar import FACTS, Bar
from course_lib.training.lessons.held_out import load_model, load_split
from course_lib.training.lessons.lesson import Lesson
from course_lib.training.lessons.metric import Metric

WRONG_DB = -15.0


class ConditionalLesson(Lesson):
    """A conditional masking model beside the oracle masks; asked for the other digit it must fail."""

    name = "conditional"
    title = "Separation by digit at 0 dB"
    preset = "conditional"
    holdout = ("george", "theo")
    seconds = 600.0
    scoring_seconds = 120.0
    items = "mixtures"
    metrics = (
        Metric("si_sdr_improvement", "SI-SDR improvement", digits=1, unit="dB", share=True),
        Metric("si_sdr_improvement_apart", "the same, words apart", digits=1, unit="dB"),
    )
    facts = (*Lesson.facts, Metric("parameters", "parameters", digits=0, at_least=False))
    share_words = "from the mixture to the best real mask"
    bars = (
        Bar("si_sdr_improvement", 7.0),
        Bar(
            "si_sdr_improvement",
            WRONG_DB,
            row="wrong_condition",
            at_least=False,
            of="model",
        ),
        Bar("train_seconds", seconds + 2, row=FACTS, at_least=False),
    )

    def evaluate(self, run, *, n=None, on_row=None):
        import numpy as np

        from course_lib.data.held_out_lists import mixtures_of
        from course_lib.evaluation import separation
        from course_lib.training.errors import RunError

        if run.config()["hyperparameters"].get("condition") == "speaker":
            raise RunError(
                f"run {run.name} is asked for speakers, and this lesson asks for digits; train with "
                "condition=digit to have it scored"
            )
        model = load_model(run, "separate")
        _, test, _ = load_split(run)
        # Words that hardly overlap are easily told apart: those that begin together are the task.
        mixtures = mixtures_of(test, **({} if n is None else {"count": 2 * n}))

        def separate(y, condition):
            return np.stack(
                [model.separate(one, int(asked)) for one, asked in zip(y, condition, strict=True)]
            )

        result = separation.evaluate(
            separate, mixtures, n_fft=model.n_fft, hop_length=model.hop_length, on_row=on_row
        )
        rows = {
            name: row["together"]
            | {
                f"si_sdr_improvement_apart{end}": row["apart"][f"si_sdr_improvement{end}"]
                for end in ("", "_se")
            }
            for name, row in result["rows"].items()
        }
        return {
            "rows": rows,
            "protocol": result["protocol"]
            + " The first column is of the mixtures whose words begin together.",
            "settings": result["settings"],
            "facts": {"parameters": int(model.count_params())},
        }

    def row_title(self, row, result):
        name, *size = row.rsplit("_", 2)
        if len(size) == 2 and all(part.isdigit() for part in size):
            return f"{name.replace('_', ' ')}, STFT {'/'.join(size)}"
        return {
            "mixture": "mixture (floor)",
            "shuffled_conditions": "asked for another mixture's digit",
            "wrong_condition": "asked for the other digit",
        }.get(row, super().row_title(row, result))
