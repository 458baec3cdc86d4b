"""Whether all of a network works: dead units, and a posterior that has collapsed onto its prior."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from course_lib.evaluation.diagnosis.curves import ENOUGH_EPOCHS, History, epochs
from course_lib.evaluation.diagnosis.hysteresis import latched, steady
from course_lib.evaluation.diagnosis.symptom import Symptom
from course_lib.evaluation.latent.posterior import active_units

# A unit whose largest activation is a thousandth of its layer's usual one adds nothing that could be heard.
DEAD = 1e-3
# A few dead units are usual; a layer that has lost a tenth of them wastes what it could say, half is lame.
MANY_DEAD, MOST_DEAD = 0.1, 0.5
# Fewer nats a clip than this cannot even tell two clips apart: one bit is 0.69.
ONE_BIT, ONE_BIT_OVER = math.log(2), 1.0
COLLAPSE_PATIENCE = 3


def dead_units(activations: Mapping[str, np.ndarray], *, latents: np.ndarray | None = None) -> Symptom | None:
    """Units that are zero, and latent numbers that are the same, for every clip.

    Parameters
    ----------
    activations : mapping of str to np.ndarray, shape (clips, ..., units)
        What each hidden layer gives for held-out clips, after its activation.
    latents : np.ndarray, shape (clips, latent_dim), optional
        Here a number counts as dead when it does not vary.
    """
    dead = {name: _dead(np.abs(_units(x)).max(axis=0)) for name, x in activations.items()}
    if latents is not None and len(latents) > 1:
        dead["latent"] = _dead(np.ptp(_units(latents), axis=0))
    shares = {name: count / units for name, (count, units) in dead.items()}
    lame = [name for name, share in shares.items() if share >= MANY_DEAD]
    if not lame:
        return None
    worst = max(lame, key=shares.__getitem__)
    counts = {name: {"dead": dead[name][0], "units": dead[name][1]} for name in lame}
    told = ", ".join(f"{name} {row['dead']} of {row['units']}" for name, row in list(counts.items())[:3])
    more = f" and in {len(lame) - 3} more layers" if len(lame) > 3 else ""
    what = "numbers of the latent never change" if lame == ["latent"] else "units never answer to any clip"
    remedy = (
        "Lower latent_dim, or train on more clips: there are fewer directions in these than numbers."
        if lame == ["latent"]
        else "Lower learning_rate (one step too large can kill a relu for good), use gelu or leaky_relu in "
        "place of relu, or lower width: these units are not needed."
    )
    return Symptom(
        "dead units",
        "serious" if shares[worst] >= MOST_DEAD else "warning",
        f"Some {what}: {told}{more}.",
        remedy,
        {"layers": counts, "largest_share": float(shares[worst])},
    )


def _units(x) -> np.ndarray:
    x = np.asarray(x, np.float32)
    return x.reshape(-1, x.shape[-1])


def _dead(largest: np.ndarray) -> tuple[int, int]:
    """How many units are dead, by each one's largest value, and how many there are."""
    living = largest[largest > 0]
    usual = float(np.median(living)) if living.size else 0.0
    return int((largest <= DEAD * usual).sum()), len(largest)


def posterior_collapse(
    *,
    mean: np.ndarray | None = None,
    kl: Sequence[float] | None = None,
    settings: Mapping[str, Any] | None = None,
) -> Symptom | None:
    """The latent of a variational autoencoder says nothing about the clip.

    Parameters
    ----------
    mean : np.ndarray, shape (clips, latent_dim), optional
        Posterior means: :func:`~course_lib.evaluation.latent.posterior.active_units` counts.
    kl : sequence of float, optional
        KL divergence of each latent number, mean over clips, in nats.

    Notes
    -----
    Some inactive numbers are no fault: a VAE switches off what it does not need. All of them are.
    """
    evidence: dict[str, Any] = {}
    if mean is not None:
        active = active_units(mean)
        evidence |= {"active_units": int(active.sum()), "latent_dim": len(active)}
    if kl is not None:
        evidence |= {"kl": float(np.sum(kl)), "latent_dim": len(kl)}
    collapsed = evidence.get("active_units") == 0 or evidence.get("kl", math.inf) < ONE_BIT
    return _collapsed(evidence, settings) if collapsed else None


def posterior_collapse_over_time(
    history: History, *, settings: Mapping[str, Any] | None = None
) -> Symptom | None:
    """As :func:`posterior_collapse`, from the column ``kl``: nats a clip, summed over the latent.

    Under one bit for three epochs, from the fifth on; over when above one nat. At the very start every
    posterior lies on the prior, and while the warm-up spares the divergence it is large: neither counts.
    """
    rows = epochs(history, "kl")
    if len(rows["epoch"]) < ENOUGH_EPOCHS:
        return None
    low = steady(rows["kl"] < ONE_BIT, COLLAPSE_PATIENCE) & (rows["epoch"] >= ENOUGH_EPOCHS)
    if not latched(low, rows["kl"] > ONE_BIT_OVER):
        return None
    return _collapsed({"kl": float(rows["kl"][-1]), "epoch": int(rows["epoch"][-1])}, settings)


def _collapsed(evidence: dict[str, Any], settings: Mapping[str, Any] | None) -> Symptom:
    facts = []
    if evidence.get("active_units") == 0:
        facts.append(f"none of the {evidence['latent_dim']} latent numbers varies with the clip")
    if "kl" in evidence:
        facts.append(f"the KL divergence is {evidence['kl']:.2g} nats a clip, and one bit takes 0.69")
    beta = (settings or {}).get("beta")
    beta = "" if beta is None else f" (it is {float(beta):.3g})"
    return Symptom(
        "posterior collapse",
        "serious",
        f"The latent says nothing about the clip: {'; '.join(facts)}. The decoder draws an average clip.",
        f"Lower beta{beta}, let it grow from zero over more steps (warm_up), or give each number some "
        "free_nats; a narrower decoder also needs the latent more.",
        evidence,
        lab="04",
    )
