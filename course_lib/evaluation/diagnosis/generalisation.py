"""Whether what a training learns holds for others: overfitting, or only a gap between voices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from course_lib.evaluation.diagnosis.curves import ENOUGH_EPOCHS, History, comparable, epochs
from course_lib.evaluation.diagnosis.hysteresis import latched, steady
from course_lib.evaluation.diagnosis.symptom import Symptom
from course_lib.evaluation.diagnosis.words import grown

# Of the best held-out loss. Noise between two epochs is under 1 % with 40 clips and more.
WORSE, WORSE_OVER, MUCH_WORSE = 0.03, 0.015, 0.15
WORSE_PATIENCE = 3
# The held-out loss counts as standing while it stays within 1 % of its best for this long ...
STANDS, STANDS_EPOCHS, STANDS_SHARE = 0.01, 5, 0.2
# ... and the training loss meanwhile falls by a fifth: what it learns now serves nobody else.
ALONE, ALONE_OVER = 0.20, 0.10
# Other voices are harder: held-out losses of up to 2.3 times the training loss were measured without any
# overfitting. Said from here on, as a note.
GAP, GAP_OVER = 1.5, 1.4


def overfitting(history: History, *, settings: Mapping[str, Any] | None = None) -> Symptom | None:
    """The training loss falls on while the held-out loss rises, or stands.

    Two rules. The held-out loss has been 3 % above its best for three epochs (over when within 1.5 %); or
    it has stood within 1 % of its best for a fifth of the epochs, five at least, in which the training loss
    fell by a fifth. A held-out loss that is merely higher, and still falls, is no overfitting: :func:`gap`.

    Parameters
    ----------
    settings : mapping, optional
        The run's hyperparameters: the remedy names those that could still be changed.
    """
    rows = epochs(history, "loss", "val_loss")
    train, held_out, epoch = rows["loss"], rows["val_loss"], rows["epoch"]
    if len(epoch) < ENOUGH_EPOCHS:
        return None
    (own, others), plain = comparable(history, train, held_out)
    best = np.minimum.accumulate(others)
    at = np.maximum.accumulate(np.where(others == best, np.arange(len(best)), 0))
    worse, fallen = others / best - 1, 1 - own / own[at]
    rises = latched(
        steady((worse >= WORSE) & (fallen > 0), WORSE_PATIENCE), steady(worse < WORSE_OVER, WORSE_PATIENCE)
    )

    # The first epoch that was as good as the best, but for 1 %.
    since = np.searchsorted(-best, -best * (1 + STANDS))
    count = np.arange(len(best))
    stood = count - since >= np.maximum(STANDS_EPOCHS, STANDS_SHARE * (count + 1))
    alone = 1 - own / own[since]
    stands = latched(stood & (alone >= ALONE), alone < ALONE_OVER)
    if not rises and not stands:
        return None
    low = int(at[-1]) if rises else int(since[-1])
    evidence = {
        "best_epoch": int(epoch[low]),
        "best_val_loss": float(held_out[low]),
        "val_loss": float(held_out[-1]),
        "loss_at_best": float(train[low]),
        "loss": float(train[-1]),
        "epoch": int(epoch[-1]),
    }
    falls = f"while the training loss fell from {train[low]:.3g} to {train[-1]:.3g}"
    if rises:
        evidence |= {"rise": float(worse[-1])} if plain else {}
        sentence = (
            f"The held-out loss was best in epoch {int(epoch[low])} ({held_out[low]:.3g}) and has grown "
            f"{f'{grown(worse[-1])} ' if plain else ''}since ({held_out[-1]:.3g}), {falls}: the network "
            "learns its clips by heart."
        )
    else:
        sentence = (
            f"The held-out loss has stood at {held_out[-1]:.3g} since epoch {int(epoch[low])}, {falls}: what "
            "the network still learns holds for its own clips only."
        )
    severity = "serious" if rises and worse[-1] >= MUCH_WORSE else "warning"
    remedy = _more_general(settings or {}, int(epoch[low]))
    return Symptom("overfitting", severity, sentence, remedy, evidence, lab="01")


def gap(history: History) -> Symptom | None:
    """A note: the held-out loss is at least 1.5 times the training loss, though nothing is overfitted."""
    rows = epochs(history, "loss", "val_loss")
    train, held_out, epoch = rows["loss"], rows["val_loss"], rows["epoch"]
    if len(epoch) < ENOUGH_EPOCHS or not comparable(history, train, held_out)[1]:
        return None
    ratio = held_out / train
    if overfitting(history) is not None or not latched(
        steady(ratio >= GAP, WORSE_PATIENCE), ratio < GAP_OVER
    ):
        return None
    evidence = {"loss": float(train[-1]), "val_loss": float(held_out[-1]), "ratio": float(ratio[-1])}
    sentence = (
        f"The held-out loss is {ratio[-1]:.1f} times the training loss ({held_out[-1]:.3g} to "
        f"{train[-1]:.3g}), but it has not turned: stopping earlier would gain nothing, more clips of other "
        "voices might."
    )
    return Symptom("gap between voices", "note", sentence, "", evidence, lab="01")


def learnt(history: History) -> str:
    """What went right, in a sentence: how far the loss has come. Empty before there is anything to say."""
    rows = epochs(history, "loss", "val_loss")
    column, name = ("val_loss", "held-out") if len(rows["epoch"]) > 1 else ("loss", "training")
    if column == "loss":
        rows = epochs(history, "loss")
    values = rows[column]
    if len(values) < 2 or not values[-1] < values[0]:
        return ""
    best = "its best" if values[-1] == values.min() else f"best {values.min():.4g}"
    return f"the {name} loss fell from {values[0]:.4g} to {values[-1]:.4g} ({best})"


def _more_general(settings: Mapping[str, Any], best_epoch: int) -> str:
    ways = ["train on more clips"]
    if settings.get("augment") is not True:
        ways.append("set augment=true")
    if "width" in settings:
        ways.append(f"lower width (it is {settings['width']})")
    if "latent_dim" in settings:
        ways.append(f"lower latent_dim (it is {settings['latent_dim']})")
    ways.append(f"or stop earlier: epochs={best_epoch}")
    text = ", ".join(ways)
    return f"{text[0].upper()}{text[1:]}."
