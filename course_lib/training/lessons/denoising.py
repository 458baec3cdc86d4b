"""Lab 02 on the scoreboard: strings of digits by unheard speakers under white noise and under babble."""

from __future__ import annotations

import time

from course_lib.training.lessons.bar import FACTS, Bar
from course_lib.training.lessons.held_out import load_model, load_split
from course_lib.training.lessons.lesson import Lesson
from course_lib.training.lessons.metric import Metric

STRINGS = 40
# The condition's name for people, and the fixed lists' name of the noise.
KINDS = {"white": "gaussian", "babble": "babble"}


class DenoisingLesson(Lesson):
    """A masking model between the noisy string and the oracle masks, beside the classical restorers."""

    name = "denoising"
    title = "Denoising at 0 dB"
    preset = "denoising"
    holdout = ("george", "theo")
    seconds = 480.0
    scoring_seconds = 150.0
    items = "ten-digit strings of each noise"
    conditions = tuple(KINDS)
    metrics = (
        Metric("pesq_nb", "PESQ-NB", digits=2, share=True),
        Metric("stoi", "STOI", share=True),
        Metric("si_sdr", "SI-SDR", digits=1, unit="dB", share=True),
    )
    facts = (
        *Lesson.facts,
        Metric("parameters", "parameters", digits=0, at_least=False),
        Metric("real_time_factor", "real-time factor", digits=4, at_least=False),
    )
    share_words = "from the noisy string to the clean one through the STFT, for SI-SDR to the best real mask"
    bars = (
        Bar("pesq_nb", 2.2, condition="white"),
        Bar("stoi", 0.80, condition="white"),
        Bar("si_sdr", 10.0, condition="white"),
        Bar("pesq_nb", 1.9, condition="babble"),
        Bar("stoi", 0.75, condition="babble"),
        Bar("si_sdr", 5.0, condition="babble"),
        Bar("parameters", 500_000, row=FACTS, at_least=False),
        Bar("real_time_factor", 0.05, row=FACTS, at_least=False),
        Bar("train_seconds", seconds + 2, row=FACTS, at_least=False),
    )

    def evaluate(self, run, *, n=None, on_row=None):
        from course_lib.data.held_out_lists import noisy_strings_of
        from course_lib.evaluation import enhancement

        model = load_model(run, "denoise")
        _, test, _ = load_split(run)
        count, rows, protocol = n or STRINGS, {}, ""
        for condition, kind in KINDS.items():
            strings = noisy_strings_of(test, kind=kind, count=count, babblers=_strangers())
            told = None if on_row is None else lambda row, where=condition: on_row(f"{where}: {row}")
            result = enhancement.evaluate(
                model.denoise, strings, n_fft=model.n_fft, hop_length=model.hop_length, on_row=told
            )
            rows[condition], protocol = result["rows"], result["protocol"]
        seconds = sum(len(string.noisy) for string in strings) / test.sr
        began = time.perf_counter()
        for string in strings:
            model.denoise(string.noisy)
        return {
            "rows": rows,
            "protocol": protocol.replace("babble noise", "white noise or babble")
            + " Babble: six voices of the bundled digits' test set, which no training hears.",
            "settings": result["settings"] | {"strings_of_each_noise": count},
            "facts": {
                "parameters": int(model.count_params()),
                "real_time_factor": (time.perf_counter() - began) / seconds,
            },
        }

    def row_title(self, row, result):
        return {"noisy": "noisy (floor)", "ceiling": "clean through the STFT (ceiling)"}.get(
            row, super().row_title(row, result)
        )


def _strangers():
    from course_lib.data import catalog
    from course_lib.data.splits import bundled

    return bundled(catalog.load("digits"))[1]
