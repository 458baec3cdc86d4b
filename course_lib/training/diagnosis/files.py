"""What a run's files alone tell: no Keras, a few milliseconds, also while it trains."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from course_lib.evaluation.diagnosis import adversarial, curves, generalisation, latent, learning_rate, sound
from course_lib.training.diagnosis.report import Diagnosis, Examination
from course_lib.training.preview import Preview

# Before this step every network is quiet and says the same to everything: see the numbers in diagnosis/sound.
FIRST_RUNG = 100
DIVERGED = re.compile(r"not a number after step (\d+)")


def diagnose_files(
    name: str,
    config: Mapping[str, Any],
    status: Mapping[str, Any],
    history: Mapping[str, Sequence[float]],
    previews: Sequence[Preview],
) -> Diagnosis:
    """As :func:`examine_files`, as a whole."""
    examination = Examination(name)
    examine_files(examination, config, status, history, previews)
    return examination.diagnosis()


def examine_files(
    examination: Examination,
    config: Mapping[str, Any],
    status: Mapping[str, Any],
    history: Mapping[str, Sequence[float]],
    previews: Sequence[Preview],
) -> None:
    """Look at the curves and at the newest rung.

    Parameters
    ----------
    config, status : mapping
        The contents of ``config.json`` and ``status.json``.
    history : mapping of str to sequence of float
        Columns of ``history.csv``, by name; those that are not there are not looked at. Every training:
        ``step, epoch, loss, val_loss``. A variational one: ``kl`` (nats a clip, summed over the latent). An
        adversarial one: ``critic_loss, generator_loss, real_score, fake_score`` (the scores as the critic
        gives them, before or after a sigmoid) and ``val_real_score``, that of real clips held out.
    previews : sequence of Preview
        By step.
    """
    settings = config.get("hyperparameters") or {}
    # First of all: it decides how the curves are read.
    _examine_sound(examination, settings, previews)
    if len(history.get("loss", ())) or status.get("error"):
        _examine_curves(examination, settings, status, history)
    if "kl" in history:
        _examine_posterior(examination, settings, history)
    if "critic_loss" in history:
        _examine_rivals(examination, settings, history)


def _examine_rivals(examination: Examination, settings, history) -> None:
    if settings.get("loss") == "wasserstein":
        for check in ("critic winning", "critic fooled"):
            examination.skip(check, "a critic of this loss is meant to win: its scores have no bounds")
        return
    if len(curves.epochs(history, "critic_loss")["epoch"]) < adversarial.ENOUGH_ROWS:
        for check in ("critic winning", "critic fooled"):
            examination.skip(check, f"after {adversarial.ENOUGH_ROWS} epochs")
        return
    examination.look("critic winning", adversarial.critic_winning(history))
    examination.look("critic fooled", adversarial.critic_fooled(history))
    if "val_real_score" in history:
        examination.look("overfitting", adversarial.critic_by_heart(history))


def _examine_curves(examination: Examination, settings, status, history) -> None:
    """Causes first: a curve that has diverged or shot up cannot be asked whether it overfits."""
    rate = settings.get("learning_rate")
    failed = DIVERGED.search(str(status.get("error") or ""))
    failed_at = int(failed.group(1)) if failed else None
    # Two players: neither's loss is meant to fall.
    game = "critic_loss" in history
    diverged = curves.diverged(history, failed_at=failed_at, learning_rate=rate, may_grow=game)
    examination.look("diverged", diverged)
    if game:
        return
    examination.learnt = generalisation.learnt(history)
    if examination.found("diverged"):
        examination.skip("learning rate", "it has diverged")
    elif len(curves.epochs(history, "loss")["epoch"]):
        settled_at = settings.get("warm_up") or 0
        too_high = learning_rate.learning_rate_too_high(history, learning_rate=rate, settled_at=settled_at)
        examination.look(
            "learning rate", too_high or learning_rate.learning_rate_too_low(history, learning_rate=rate)
        )
    else:
        examination.skip("learning rate", "after the first epoch")
    if why := _nothing_learnt(examination, history):
        examination.skip("overfitting", why)
        return
    overfitting = generalisation.overfitting(history, settings=settings)
    examination.look("overfitting", overfitting or generalisation.gap(history))


def _nothing_learnt(examination: Examination, history) -> str:
    """Why it is too early, or meaningless, to ask for overfitting; empty when it is not."""
    if len(curves.epochs(history, "loss", "val_loss")["epoch"]) < curves.ENOUGH_EPOCHS:
        return f"after {curves.ENOUGH_EPOCHS} epochs"
    if examination.found("diverged"):
        return "it has diverged"
    if any("surge" in symptom.evidence for symptom in examination.found("learning rate")):
        return "the loss has been far above the untrained network's"
    if any(symptom.severity == "serious" for symptom in examination.found("same output for everything")):
        return "its output does not depend on the clip: nothing is learnt by heart"
    return ""


def _examine_posterior(examination: Examination, settings, history) -> None:
    if len(curves.epochs(history, "kl")["epoch"]) < curves.ENOUGH_EPOCHS:
        examination.skip("posterior collapse", f"after {curves.ENOUGH_EPOCHS} epochs")
        return
    examination.look("posterior collapse", latent.posterior_collapse_over_time(history, settings=settings))


def _examine_sound(examination: Examination, settings, previews: Sequence[Preview]) -> None:
    rungs = [preview for preview in previews if preview.step >= FIRST_RUNG]
    checks = ("silent output", "clipped output", "same output for everything")
    if not rungs:
        for check in checks:
            examination.skip(check, f"after {FIRST_RUNG} steps")
        return
    rate = settings.get("learning_rate")
    outputs, originals, sr = _sounds(rungs[-1])
    if len(outputs):
        examination.look("silent output", sound.silent(outputs, originals, sr=sr, learning_rate=rate))
        examination.look("clipped output", sound.clipped(outputs, originals))
    if any("input" not in clip for clip in rungs[-1].clips):
        examination.skip("same output for everything", "it makes sound from nothing")
    pictures = _pictures(rungs[-1])
    if len(pictures) > 1:
        inputs, made = np.moveaxis(np.stack(pictures), 1, 0)
        examination.look(
            "same output for everything", sound.same_for_everything(made, inputs, learning_rate=rate)
        )
    for check in checks:
        examination.skip(check, "its newest rung cannot be read")


def _sounds(preview: Preview) -> tuple[np.ndarray, np.ndarray | None, int]:
    """Output and, where every clip has one, ceiling of each clip, (clips, samples), and their rate in Hz."""
    import soundfile

    outputs, ceilings, sr = [], [], 8000
    for clip in range(len(preview.clips)):
        try:
            output, sr = soundfile.read(preview.path(clip, "output"), dtype="float32")
        except (OSError, RuntimeError, KeyError, TypeError):
            continue
        try:
            ceiling, _ = soundfile.read(preview.path(clip, "ceiling"), dtype="float32")
        except (OSError, RuntimeError, KeyError, TypeError):
            ceiling = None
        if output.size and (not outputs or output.shape == outputs[0].shape):
            outputs.append(output)
            ceilings.append(ceiling)
    whole = outputs and all(c is not None and c.shape == outputs[0].shape for c in ceilings)
    return np.array(outputs), np.array(ceilings) if whole else None, sr


def _pictures(preview: Preview) -> list[np.ndarray]:
    """(2, frames, bands) of each clip in dB, input and output; what cannot be read is left out."""
    pictures = []
    for clip in range(len(preview.clips)):
        try:
            with np.load(preview.path(clip, "spectrogram"), allow_pickle=False) as file:
                pair = np.stack([file["input"], file["output"]]).astype(np.float32)
        except (OSError, ValueError, KeyError, TypeError):
            continue
        if not pictures or pair.shape == pictures[0].shape:
            pictures.append(pair)
    return pictures
