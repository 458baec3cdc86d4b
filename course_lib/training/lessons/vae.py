"""Lab 04 on the scoreboard: what the latents of a variational autoencoder carry, beside the articles' two."""

from __future__ import annotations

from course_lib.training.lessons.bar import FACTS, Bar
from course_lib.training.lessons.held_out import load_model, load_split
from course_lib.training.lessons.lesson import Lesson
from course_lib.training.lessons.metric import Metric

DRAWS = 64
# The bound is a mean over clips: more than these change its first digits no more.
BOUND_CLIPS = 300
TEST_TAKES = (0, 1, 2, 3, 4)


class VAELesson(Lesson):
    """Bound, active latents and linear probes, in the same time as the articles' systems."""

    name = "vae"
    title = "Variational autoencoder, 32 latents"
    preset = "vae"
    rivals = ("conv2d_vae", "dense_vae")
    seconds = 300.0
    scoring_seconds = 60.0
    items = "held-out clips of the bound"
    metrics = (
        Metric("iwae", f"IWAE-{DRAWS} bound", digits=0, unit="nats"),
        Metric("active_share", "active units", digits=2),
        Metric("label", "digit, known speakers", share=True),
        Metric("label_new_speakers", "digit, new speakers", share=True),
        Metric("speaker", "speaker", share=True),
    )
    share_words = "from shuffled labels to all right"
    bars = (
        Bar("active_share", 0.8),
        Bar("iwae", of="conv2d_vae"),
        Bar("iwae", of="dense_vae"),
        Bar("label", 0.97),
        Bar("label_new_speakers", 0.80),
        Bar("epoch_seconds", 3.0, row=FACTS, at_least=False),
        Bar("train_seconds", seconds + 2, row=FACTS, at_least=False),
    )

    def evaluate(self, run, *, n=None, on_row=None, rivals=None):
        import numpy as np

        from course_lib.evaluation import latent

        rows, scored, chosen = {}, {}, ()
        for name, one in {"model": run, **(rivals or {})}.items():
            if on_row is not None:
                on_row(name)
            model = load_model(one, "log_weights")
            sides = load_split(one)
            representation = sides[2]
            features = [representation.encode(side.y) for side in sides[:2]]
            encoded = [model.encode(x) for x in features]
            mean, log_variance = (np.concatenate(parts) for parts in zip(*encoded, strict=True))
            label, speaker, take = (
                np.concatenate([getattr(side, what) for side in sides[:2]])
                for what in ("label", "speaker", "take")
            )
            scored[name] = latent.evaluate(
                mean,
                label,
                speaker,
                take,
                log_variance=log_variance,
                # FSDD's official test takes; a set of three takes each gives up its first.
                test_takes=TEST_TAKES if take.max() > TEST_TAKES[-1] else TEST_TAKES[:1],
            )
            chosen = features[1][: n or BOUND_CLIPS]
            rows[name] = scored[name]["rows"]["model"] | {
                "iwae": latent.iwae_bound(model.log_weights(chosen, samples=DRAWS)),
                "active_share": float(latent.active_units(encoded[1][0]).mean()),
            }
        result = scored["model"]
        rows["shuffled"] = result["rows"]["shuffled"]
        return {
            "rows": rows,
            "protocol": result["protocol"]
            + f" The bound is of {len(chosen)} held-out clips, {DRAWS} draws each; units are active whose "
            "mean varies by more than 0.01 over the held-out clips.",
            "settings": result["settings"] | {"draws": DRAWS, "bound_clips": len(chosen)},
        }

    def row_title(self, row, result):
        return {"shuffled": "shuffled labels (floor)"}.get(row, super().row_title(row, result))
