"""The article's recurrent denoiser, scored as the course's own."""

from __future__ import annotations

from course_lib.training.lessons.bar import FACTS, Bar
from course_lib.training.lessons.denoising import DenoisingLesson


class DenoisingLSTMLesson(DenoisingLesson):
    """The table of the lesson ``denoising`` for a network that remembers."""

    name = "denoising_lstm"
    title = "Denoising at 0 dB by memory"
    preset = "denoising_lstm"
    bars = (
        *(Bar(metric, of="noisy", condition="white") for metric in ("pesq_nb", "stoi", "si_sdr")),
        # Other voices are hardest for it: what is understood of them does not rise with the quality.
        *(Bar(metric, of="noisy", condition="babble") for metric in ("pesq_nb", "si_sdr")),
        Bar("train_seconds", DenoisingLesson.seconds + 2, row=FACTS, at_least=False),
    )
