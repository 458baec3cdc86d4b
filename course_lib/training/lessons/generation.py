"""Lab 05 on the scoreboard: digits that nobody spoke, judged by a classifier that never met the model."""

from __future__ import annotations

from course_lib.training.lessons.bar import FACTS, Bar
from course_lib.training.lessons.held_out import load_model, load_split
from course_lib.training.lessons.lesson import Lesson
from course_lib.training.lessons.metric import Metric

SAMPLES = 1000
SEED = 7


class GenerationLesson(Lesson):
    """Agreement with the digit that was asked for, variety, distance to real clips, and memorisation."""

    name = "generation"
    title = "Digits out of noise"
    preset = "conditional_gan"
    seconds = 600.0
    scoring_seconds = 120.0
    items = "generated clips"
    metrics = (
        Metric("agreement", "judge agrees", share=True),
        Metric("is_to_real", "IS to real", digits=2),
        Metric("mis_to_real", "mIS to real", digits=2),
        Metric("frechet_to_real", "Fréchet to real", digits=1, at_least=False),
        Metric("nearest_to_real", "nearest to real", digits=2),
        Metric("recall", "recall", digits=2),
        Metric("coverage", "coverage", digits=2),
        Metric("missing_classes", "missing", digits=0, at_least=False),
    )
    share_words = "from the mean of real clips, or classes dealt out anew, to real clips"
    bars = (
        Bar("agreement", 0.9),
        Bar("is_to_real", 0.85),
        Bar("mis_to_real", 0.5),
        Bar("frechet_to_real", 10.0, at_least=False),
        Bar("nearest_to_real", 0.9),
        Bar("train_seconds", seconds + 2, row=FACTS, at_least=False),
    )

    def evaluate(self, run, *, n=None, on_row=None):
        import numpy as np

        from course_lib.evaluation import generation
        from course_lib.models.judge import Judge

        def report(row):
            if on_row is not None:
                on_row(row)

        model = load_model(run, "sample")
        train, test, representation = load_split(run)
        judge = Judge.shipped()
        asked = np.arange(n or SAMPLES) % len(judge.classes)
        report("making clips")
        made = representation.decode(model.sample(len(asked), condition=asked, seed=SEED))
        report("judging")
        fake, real = ((judge.probabilities(y), judge.features(y)) for y in (made, test.y))
        result = generation.evaluate(
            *real,
            *fake,
            asked=asked,
            real_labels=test.label,
            train_features=judge.features(train.y),
            held_out_features=real[1],
            on_row=on_row,
        )
        return {
            "rows": result["rows"],
            "protocol": result["protocol"],
            "settings": result["settings"],
        }

    def row_title(self, row, result):
        return {
            "real": "real clips (ceiling)",
            "shuffled": "shuffled (floor)",
            "mean": "mean of real clips (floor)",
        }.get(row, super().row_title(row, result))
