"""Lab 05 on the scoreboard: digits that nobody spoke, judged by a classifier that never met the model."""

from __future__ import annotations

from course_lib.training.lessons.bar import FACTS, Bar
from course_lib.training.lessons.held_out import load_model, load_split
from course_lib.training.lessons.lesson import Lesson
from course_lib.training.lessons.metric import Metric

SAMPLES = 1000
SEED = 7
# The row that costs no training, and how widely it draws.
CELLS, TEMPERATURE = "cells", 0.8
CELL_NUMBERS = 201


class GenerationLesson(Lesson):
    """Agreement with the digit that was asked for, variety, distance to real clips, and memorisation.

    Beside a conditional VAE a conditional GAN trained in the same time, and what no network does better for
    nothing: a Gaussian for each digit of each speaker among principal components.
    """

    name = "generation"
    title = "Digits out of noise"
    preset = "conditional_vae"
    rivals = ("conditional_gan",)
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

    def evaluate(self, run, *, n=None, on_row=None, rivals=None):
        import numpy as np

        from course_lib.evaluation import generation
        from course_lib.models.judge import Judge
        from course_lib.training.apply import sample

        def report(row):
            if on_row is not None:
                on_row(row)

        load_model(run, "sample")
        train, test, representation = load_split(run)
        judge = Judge.shipped()
        asked = np.arange(n or SAMPLES) % len(judge.classes)
        train_features, (features, probabilities) = judge.features(train.y), judge.listen(test.y)

        def score(made, **more):
            report("judging")
            fake_features, fake_probabilities = judge.listen(made)
            return generation.evaluate(
                probabilities,
                features,
                fake_probabilities,
                fake_features,
                asked=asked,
                real_labels=test.label,
                train_features=train_features,
                held_out_features=features,
                **more,
            )

        def made_by(one):
            return sample(one, len(asked), seed=SEED).y

        report("making clips")
        result = score(made_by(run), on_row=on_row)
        rows = result["rows"]
        for name, rival in (rivals or {}).items():
            report(name)
            rows[name] = score(made_by(rival))["rows"]["model"]
        report(CELLS)
        clips = representation.encode(train.y)
        drawn = draw_cells(clips, train.label, train.speaker, asked, seed=SEED)
        rows[CELLS] = score(representation.decode(drawn))["rows"]["model"]
        return {
            "rows": rows,
            "protocol": result["protocol"]
            + f" '{CELLS}': Gaussians of {CELL_NUMBERS - 1} principal components and the length, one a digit "
            f"and speaker, drawn from at temperature {TEMPERATURE}.",
            "settings": result["settings"],
        }

    def row_title(self, row, result):
        return {
            "real": "real clips (ceiling)",
            "shuffled": "shuffled (floor)",
            "mean": "mean of real clips (floor)",
            CELLS: "a Gaussian a digit and speaker, no network",
        }.get(row, super().row_title(row, result))


def draw_cells(features, labels, speakers, asked, *, seed: int = 0, temperature: float = TEMPERATURE):
    """Clips of the classes ``asked`` by random speakers, without a network: (len(asked), frames, bands).

    Parameters
    ----------
    features : np.ndarray, shape (clips, frames, bands)
        Training clips, with their ``labels`` and ``speakers``.
    asked : np.ndarray, shape (n,), integers
    """
    import numpy as np

    from course_lib.models.aligned import aligned_decoder, aligned_encoder
    from course_lib.models.autoencoder import Autoencoder
    from course_lib.models.latent_gaussians import LatentGaussians
    from course_lib.models.principal import start_from_principal_components

    shape, small = features.shape[1:], {"width": 2, "depth": 0}
    # Beside their linear path, which is principal components, these networks are still zero.
    space = Autoencoder(
        aligned_encoder(shape, CELL_NUMBERS, **small), aligned_decoder(shape, CELL_NUMBERS, **small)
    )
    start_from_principal_components(space, features, seed=seed)
    kinds = list(zip(labels.tolist(), speakers.tolist(), strict=True))
    gaussians = LatentGaussians(space.encode(features), kinds)
    rng, voices = np.random.default_rng(seed), {}
    for label, speaker in sorted(set(kinds)):
        voices.setdefault(label, []).append(speaker)
    wanted = [(label, voices[label][rng.integers(len(voices[label]))]) for label in asked.tolist()]
    return space.decode(gaussians.sample(wanted, seed=seed, temperature=temperature))
