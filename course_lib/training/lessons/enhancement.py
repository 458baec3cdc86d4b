"""Repaired sound on the scoreboard: strings of digits by unheard speakers, damaged as sound."""

from __future__ import annotations

from course_lib.training.lessons.bar import FACTS, Bar
from course_lib.training.lessons.held_out import load_model, load_split
from course_lib.training.lessons.lesson import Lesson
from course_lib.training.lessons.metric import Metric

STRINGS = 40


class EnhancementLesson(Lesson):
    """A model that was trained with a critic, or by regression alone, on the damage that it was trained for.

    ``course bench enhancement`` trains with a critic; ``course bench enhancement --set adversarial_weight=0``
    the same network in the same time without one. Another damage: ``--set kind=clipping``.
    """

    name = "enhancement"
    title = "Repairing sound"
    preset = "enhancement"
    holdout = ("george", "theo")
    seconds = 300.0
    scoring_seconds = 40.0
    metrics = (
        Metric("lsd", "LSD", digits=2, unit="dB", at_least=False),
        Metric("pesq_nb", "PESQ-NB", digits=2, share=True),
        Metric("stoi", "STOI", share=True),
        Metric("si_sdr", "SI-SDR", digits=1, unit="dB"),
    )
    facts = (*Lesson.facts, Metric("parameters", "parameters", digits=0, at_least=False))
    share_words = "from the damaged string to the clean one through the STFT"
    bars = (
        Bar("lsd", of="damaged", at_least=False),
        Bar("train_seconds", seconds + 2, row=FACTS, at_least=False),
    )

    def evaluate(self, run, *, n=None, on_row=None):
        import numpy as np

        from course_lib.audio.degrade import degrade
        from course_lib.audio.restore import RESTORERS
        from course_lib.data.damaged_pairs import DAMAGES
        from course_lib.data.held_out_lists import noisy_strings_of
        from course_lib.evaluation import repair

        model = load_model(run, "enhance")
        _, test, _ = load_split(run)
        kind = run.config()["hyperparameters"]["kind"]
        damage = DAMAGES[kind]
        strings = noisy_strings_of(test, kind="gaussian", count=n or STRINGS)
        damaged = [
            degrade(
                string.clean,
                kind=damage.kinds[0],
                severity=damage.tested,
                rng=np.random.default_rng(number),
                sr=test.sr,
            )
            for number, string in enumerate(strings)
        ]
        # What is made against noise says nothing of other damage.
        classical = dict(RESTORERS) if kind == "noise" else {}
        result = repair.evaluate(
            classical | {"model": model.enhance},
            [string.clean for string in strings],
            damaged,
            sr=test.sr,
            damage=damage.title,
            n_fft=model.n_fft,
            hop_length=model.hop_length,
            on_row=on_row,
        )
        return result | {"facts": {"parameters": int(model.network.count_params())}}

    def row_title(self, row, result):
        return {"damaged": "damaged (floor)", "ceiling": "clean through the STFT (ceiling)"}.get(
            row, super().row_title(row, result)
        )
