"""What only the model and the data tell: more clips, dead units, latents, leakage between the splits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from course_lib.evaluation.diagnosis import latent, samples, sound, splits
from course_lib.evaluation.diagnosis.symptom import Symptom
from course_lib.evaluation.latent.posterior import kl_per_dimension
from course_lib.training.diagnosis.files import FIRST_RUNG
from course_lib.training.diagnosis.probing import hidden_activations, latents_of, wants_condition
from course_lib.training.diagnosis.report import Examination
from course_lib.training.run_folder import Run
from course_lib.training.training_data import MAX_VALIDATION, subset

# Held-out clips that go through the network, those that become sound, and samples of a generative model.
CLIPS, SOUNDS, SAMPLES = 64, 12, 200
# Training clips among which copies are looked for: about 1 ms each.
MOST_TRAINING = 5000
UNUSABLE = (ValueError, OSError, RuntimeError)


def examine_model(
    examination: Examination,
    run: Run,
    config: Mapping[str, Any],
    history: Mapping[str, Any],
    *,
    judge: Any = None,
    report: Callable[[str], object] = lambda what: None,
) -> None:
    """Load data and model as far as they can be had, and look; what cannot is skipped with the reason."""
    report("its data")
    try:
        train, test = _sides(config)
    except UNUSABLE as error:
        for check in ("leakage between splits", "dead units"):
            examination.skip(check, str(error))
        return
    report("copies on both sides of the split")
    examination.look("leakage between splits", *_leakage(train, test, config))
    report("its model")
    try:
        representation, model = run.representation(), _load(run)
        features = representation.encode(test.y[:CLIPS])
        _examine_network(examination, model, features)
        if examination.found("diverged"):
            return
        if run.status().step >= FIRST_RUNG:
            report("its sound")
            _examine_outputs(examination, model, representation, features, config)
        if {"kl", "critic_loss"} & set(history) and hasattr(model, "sample"):
            report("its samples")
            _examine_samples(examination, model, representation, features, judge or _judge_for(config))
    except UNUSABLE as error:
        examination.skip("dead units", str(error))


def _examine_network(examination: Examination, model, features: np.ndarray) -> None:
    if broken := _broken_weights(model):
        examination.look("diverged", *examination.found("diverged"), broken)
        return
    posterior = latents_of(model, features)
    activations = hidden_activations(model, features, None if posterior is None else posterior[0])
    # A variational model switches off the numbers that it does not need: no unit of it is dead.
    variational = posterior is not None and posterior[1] is not None
    latents = None if posterior is None or variational else posterior[0]
    if activations or latents is not None:
        examination.look("dead units", latent.dead_units(activations, latents=latents))
    else:
        examination.skip("dead units", "its layers cannot be looked into")
    if variational:
        found = latent.posterior_collapse(mean=posterior[0], kl=kl_per_dimension(*posterior))
        examination.look("posterior collapse", found)


def _sides(config: Mapping[str, Any]):
    """The clips of both sides: those trained on, and those that validated."""
    from course_lib.data import catalog
    from course_lib.data.splits import split

    wanted = config["dataset"]
    representation = config.get("representation") or {}
    sizes = {name: representation[name] for name in ("sr", "n_samples") if name in representation}
    clips = catalog.load(wanted["name"], **sizes)
    if wanted.get("sha256") not in (None, clips.sha256):
        raise ValueError(f"{wanted['name']} here is another edition than the one it was trained on")
    train, test = split(clips, wanted.get("holdout") or None)
    limit = config.get("limit_clips")
    return subset(train, limit), subset(test, min(MAX_VALIDATION, limit or MAX_VALIDATION))


def _leakage(train, test, config: Mapping[str, Any]) -> tuple[Symptom | None, Symptom | None]:
    speakers = splits.shared_speakers(
        train.speaker, test.speaker, held_out=(config["dataset"].get("holdout") or [])
    )
    few = subset(train, MOST_TRAINING)
    recordings = splits.shared_recordings(
        few.y,
        test.y,
        train_names=few.name,
        test_names=test.name,
        sr=train.sr,
        designed=speakers is not None and speakers.severity == "note",
    )
    return recordings, speakers


def _load(run: Run):
    from course_lib.training.quiet import quiet_stderr

    with quiet_stderr():
        return run.load_model()


def _broken_weights(model) -> Symptom | None:
    from keras import ops

    broken = [weight.path for weight in model.weights if not np.isfinite(ops.convert_to_numpy(weight)).all()]
    if not broken:
        return None
    return Symptom(
        "diverged",
        "serious",
        f"{len(broken)} of {len(model.weights)} weight arrays hold NaN or infinite values, such as "
        f"{broken[0]}: the training has diverged.",
        "Lower learning_rate ten times and start anew; these weights cannot be mended.",
        {"broken": len(broken), "weights": len(model.weights)},
    )


def _examine_outputs(examination: Examination, model, representation, features, config) -> None:
    if not hasattr(model, "reconstruct") or wants_condition(model):
        return
    made = np.asarray(model.reconstruct(features))
    if not np.isfinite(made).all():
        found = Symptom(
            "diverged",
            "serious",
            f"The model answers {int((~np.isfinite(made)).any(axis=(1, 2)).sum())} of {len(made)} held-out "
            "clips with NaN or infinite values.",
            "Lower learning_rate ten times and start anew.",
            {"clips": len(made)},
        )
        examination.look("diverged", found)
        return
    rate = (config.get("hyperparameters") or {}).get("learning_rate")
    examination.look(
        "same output for everything", sound.same_for_everything(made, features, learning_rate=rate)
    )
    outputs, ceilings = (representation.decode(x[:SOUNDS]) for x in (made, features))
    silent = sound.silent(outputs, ceilings, sr=representation.sr, learning_rate=rate)
    examination.look("silent output", silent)
    examination.look("clipped output", sound.clipped(outputs, ceilings))


def _examine_samples(examination: Examination, model, representation, features, judge) -> None:
    try:
        made = np.asarray(model.sample(SAMPLES if judge else CLIPS, seed=0))
    except ValueError as error:
        # A model that must be told what to sample.
        examination.skip("mode collapse", str(error))
        return
    labels, classes = [], []
    if judge is not None:
        classes = list(judge.classes)
        heard = judge.probabilities(representation.decode(made)).argmax(axis=1)
        labels = [classes[row] for row in heard]
    found = samples.mode_collapse(
        labels, classes, samples=made, real=features, adversarial=hasattr(model, "critic")
    )
    examination.look("mode collapse", found)


def _judge_for(config: Mapping[str, Any]):
    """The judge of spoken digits that comes with the course, for runs that make them; else None."""
    from course_lib.data.dataset import DIGITS
    from course_lib.models.judge import Judge

    settings = config.get("representation") or {}
    same = (settings.get("sr"), settings.get("n_samples")) == (8000, 8192)
    return Judge.shipped() if same and tuple(config.get("classes") or ()) == tuple(DIGITS) else None
