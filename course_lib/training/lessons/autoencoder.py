"""Lab 01 on the scoreboard: one second of speech through 64 numbers, and through a few hundred bits."""

from __future__ import annotations

from typing import Any, ClassVar

from course_lib.training.lessons.bar import FACTS, Bar
from course_lib.training.lessons.held_out import load_model, load_split
from course_lib.training.lessons.lesson import Lesson
from course_lib.training.lessons.metric import Metric

COMPONENTS = 64
# Of the codec, a latent number.
BITS = 4.0


class AutoencoderLesson(Lesson):
    """An unheard speaker's digits rebuilt, beside PCA with as many and with twice as many numbers."""

    name = "autoencoder"
    title = "Autoencoder, 64 numbers"
    preset = "autoencoder"
    # As many as four seconds each leave room for; 47 of them were enough for the bars, 40 were not.
    overrides: ClassVar[dict[str, Any]] = {"epochs": 64}
    also = ("contractive",)
    holdout = ("george",)
    seconds = 300.0
    scoring_seconds = 60.0
    metrics = (
        Metric("stoi", "STOI", share=True),
        Metric("pesq_nb", "PESQ-NB", digits=2, share=True),
        Metric("log_mel_l1", "log-mel", at_least=False),
        Metric("mae_features", "MAE", at_least=False),
        Metric("kbit_s", "rate", digits=2, unit="kbit/s", at_least=False),
    )
    share_words = "from the mean of the training clips to the representation alone"
    # As good as principal components with twice as many numbers; an epoch is 2,500 clips on two cores.
    bars = (
        Bar("stoi", 0.88),
        Bar("pesq_nb", 2.0),
        Bar("stoi", 0.82, row="codec"),
        Bar("kbit_s", 0.7, row="codec", at_least=False),
        Bar("epoch_seconds", 4.0, row=FACTS, at_least=False),
        Bar("train_seconds", seconds + 2, row=FACTS, at_least=False),
    )

    def evaluate(self, run, *, n=None, on_row=None):
        from course_lib.evaluation import reconstruction

        train, test, representation = load_split(run)
        model = load_model(run, "reconstruct")
        config = run.config()
        kept = getattr(model, "latent_dim", None) or config["hyperparameters"].get("latent_dim", COMPONENTS)
        result = reconstruction.evaluate(
            model.reconstruct,
            train,
            test,
            representation,
            components=int(kept),
            code=self._code(run, model),
            n_strings=n,
            on_row=on_row,
        )
        if config.get("limit_clips"):
            trained = config["dataset"]["train"]
            result["protocol"] += f" The model itself was trained on only {trained} clips."
        return result

    def row_title(self, row, result):
        if row.startswith("pca_"):
            return f"PCA, {row.removeprefix('pca_')} numbers"
        return {
            "model": f"{result['preset']}, {result['settings']['components']} numbers",
            "codec": f"the same, {BITS:g} bits each",
            "ceiling": "representation (ceiling)",
            "mean": "mean of training clips",
        }[row]

    def missing(self, metric, result):
        return "" if metric == "kbit_s" else super().missing(metric, result)

    def _code(self, run, model):
        """The model as a codec; None for one that has nothing to code."""
        from course_lib.training.codec import Codec, CodecError
        from course_lib.training.codec.strings import through_file

        try:
            codec = Codec.open(run, bits=BITS, model=model)
        except CodecError:
            return None
        return lambda *string: through_file(codec, *string)

    def fits(self, result):
        own = result["preset"] == self.preset and result["settings"]["components"] == COMPONENTS
        return own and super().fits(result)
