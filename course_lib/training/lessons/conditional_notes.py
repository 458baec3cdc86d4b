"""A voice out of music on the scoreboard, and the music from behind it."""

from __future__ import annotations

from course_lib.training.lessons.bar import FACTS, Bar
from course_lib.training.lessons.held_out import load_model, load_split
from course_lib.training.lessons.lesson import Lesson
from course_lib.training.lessons.metric import Metric

MIXTURES = 150
SEED = 9
WRONG_DB = -15.0
# Its conditions by what each asks for, in the order of the model's classes.
KINDS = ("voice", "note")


class ConditionalNotesLesson(Lesson):
    """A conditional masking model on unheard voices over unheard notes, beside the oracle masks."""

    name = "conditional_notes"
    title = "Voice out of music at 0 dB"
    preset = "conditional_notes"
    holdout = ("george", "theo")
    seconds = 300.0
    scoring_seconds = 60.0
    items = "mixtures"
    conditions = KINDS
    metrics = (Metric("si_sdr_improvement", "SI-SDR improvement", digits=1, unit="dB", share=True),)
    facts = (*Lesson.facts, Metric("parameters", "parameters", digits=0, at_least=False))
    share_words = "from the mixture to the best real mask"
    bars = (
        *(Bar("si_sdr_improvement", 8.0, condition=kind) for kind in KINDS),
        *(
            Bar(
                "si_sdr_improvement",
                WRONG_DB,
                row="wrong_condition",
                at_least=False,
                condition=kind,
                of="model",
            )
            for kind in KINDS
        ),
        Bar("train_seconds", seconds + 2, row=FACTS, at_least=False),
    )

    def evaluate(self, run, *, n=None, on_row=None):
        import numpy as np

        from course_lib.evaluation import separation
        from course_lib.training.tasks.voice_out_of_music import mixtures_with_music, musics

        model = load_model(run, "separate")
        _, test, _ = load_split(run)
        words = test.select(np.random.default_rng(SEED).permutation(len(test))[: n or MIXTURES])
        _, music = musics(sr=test.sr)

        def separate(y, condition):
            return np.stack(
                [model.separate(one, int(asked)) for one, asked in zip(y, condition, strict=True)]
            )

        rows, settings = {}, {}
        for asked, kind in enumerate(KINDS):
            mixtures = mixtures_with_music(words, music, asked=asked, seed=SEED)
            told = None if on_row is None else lambda row, where=kind: on_row(f"{where}: {row}")
            result = separation.evaluate(
                separate, mixtures, n_fft=model.n_fft, hop_length=model.hop_length, on_row=told
            )
            kept = ("si_sdr_improvement", "si_sdr_improvement_se", "si_sdr_improvement_share")
            rows[kind] = {
                name: {metric: row[metric] for metric in kept}
                for name, row in result["rows"].items()
                # Every mixture is asked for the same: there is nothing to shuffle.
                if name != "shuffled_conditions"
            }
            settings = {
                name: result["settings"][name] for name in ("mixtures", "floor", "ceiling", "limit_db")
            }
        return {
            "rows": rows,
            "protocol": (
                f"{settings['mixtures']} words by held-out speakers over music of held-out notes, at 0 dB; "
                f"SI-SDR of what was asked for, within ± {settings['limit_db']:g} dB, minus the mixture's. "
                "Means over mixtures ± standard error; share: of the way from the mixture to the mask "
                f"{settings['ceiling']}."
            ),
            "settings": settings,
            "facts": {"parameters": int(model.count_params())},
        }

    def row_title(self, row, result):
        name, *size = row.rsplit("_", 2)
        if len(size) == 2 and all(part.isdigit() for part in size):
            return f"{name.replace('_', ' ')}, STFT {'/'.join(size)}"
        return {"mixture": "mixture (floor)", "wrong_condition": "asked for the other"}.get(
            row, super().row_title(row, result)
        )
