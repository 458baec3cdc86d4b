"""The scoreboard of a latent: what is read from it, beside other features and shuffled labels."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from course_lib.evaluation.latent.posterior import active_units, kl_per_dimension
from course_lib.evaluation.latent.probe import linear_probe
from course_lib.evaluation.latent.speakers import TEST_TAKES, probe_by_speaker, speaker_probe
from course_lib.evaluation.share import share

FLOOR = "shuffled"


def evaluate(
    z,
    labels,
    speakers,
    takes,
    *,
    log_variance=None,
    baselines: Mapping[str, np.ndarray] | None = None,
    test_takes: Sequence[int] = TEST_TAKES,
    groups: Sequence[Sequence[str]] | None = None,
    seed: int = 0,
    on_row: Callable[[str], None] | None = None,
) -> dict[str, Any]:
    """Read the label and the speaker from a latent by linear probes, and count the latents in use.

    Parameters
    ----------
    z : np.ndarray, shape (clips, latent_dim)
        Latents, or posterior means.
    labels, speakers, takes : np.ndarray, shape (clips,)
        What is said, by whom, and the number of the repetition.
    log_variance : np.ndarray, shape (clips, latent_dim), optional
        Of the posterior, where there is one.
    baselines : mapping of str to np.ndarray, shape (clips, ...), optional
        Other features of the same clips, probed alike: as many principal components, or raw features.
    test_takes, groups
        As :func:`speaker_probe` and :func:`probe_by_speaker`.
    seed : int
        Shuffles the labels of the floor.
    on_row : callable, optional
        Told the name of each row before it is computed.

    Returns
    -------
    dict
        ``rows``: for ``model``, each baseline and ``shuffled`` (the model's latents with labels and speakers
        dealt out anew) ``label`` (accuracy on the test takes of known speakers), ``label_new_speakers`` (mean
        over speakers, each left out once) and ``speaker``, each with ``_low`` and ``_high`` (95 %: Wilson
        over clips, Student over the speakers left out) and ``_share`` (of the way from shuffled labels to
        all right). ``posterior``: ``active``, ``active_share``, ``latent_dim``, and with ``log_variance``
        ``kl`` and ``kl_per_dimension`` in nats. ``protocol`` and ``settings``.

    Raises
    ------
    ValueError
        As the probes; a baseline named ``model`` or ``shuffled``.
    """
    z, labels = np.asarray(z), np.asarray(labels)
    speakers, takes = np.asarray(speakers).astype(str), np.asarray(takes)
    reserved = sorted({"model", FLOOR} & set(baselines or {}))
    if reserved:
        raise ValueError(f"a baseline cannot be called {', '.join(reserved)}; choose another name")
    active = active_units(z)
    posterior = {"active": int(active.sum()), "active_share": float(active.mean()), "latent_dim": len(active)}
    if log_variance is not None:
        kl = kl_per_dimension(z, log_variance)
        posterior |= {"kl": float(kl.sum()), "kl_per_dimension": kl}

    def row(features, labels, speakers_read):
        test = np.isin(takes, list(test_takes))
        # First, for its message where the takes leave a side empty.
        voice = speaker_probe(features, speakers_read, takes, test_takes=test_takes)
        known = linear_probe(features[~test], labels[~test], features[test], labels[test])
        new = probe_by_speaker(features, labels, speakers, groups)["over_speakers"]
        return {
            "label": known["accuracy"],
            "label_low": known["low"],
            "label_high": known["high"],
            "label_new_speakers": new["mean"],
            "label_new_speakers_low": new["low"],
            "label_new_speakers_high": new["high"],
            "label_new_speakers_se": new["se"],
            "speaker": voice["accuracy"],
            "speaker_low": voice["low"],
            "speaker_high": voice["high"],
        }

    rng = np.random.default_rng(seed)
    dealt = rng.permutation(labels), rng.permutation(speakers)
    systems = {"model": (z, labels, speakers)}
    systems |= {name: (np.asarray(other), labels, speakers) for name, other in (baselines or {}).items()}
    systems[FLOOR] = (z, *dealt)
    rows: dict[str, Any] = {}
    for name, arguments in systems.items():
        if on_row is not None:
            on_row(name)
        rows[name] = row(*arguments)
    for scores in rows.values():
        for metric in ("label", "label_new_speakers", "speaker"):
            scores[f"{metric}_share"] = share(scores[metric], floor=rows[FLOOR][metric], ceiling=1.0)
    settings = {
        "clips": len(z),
        "speakers": len(np.unique(speakers)),
        "test_takes": list(test_takes),
        "folds": len(np.unique(speakers)) if groups is None else len(groups),
        "seed": seed,
    }
    return {"rows": rows, "posterior": posterior, "protocol": _protocol(settings), "settings": settings}


def _protocol(settings: dict[str, Any]) -> str:
    takes = ", ".join(map(str, settings["test_takes"]))
    return (
        f"Logistic regression on the standardised latents of {settings['clips']} clips by "
        f"{settings['speakers']} speakers: label and speaker on takes {takes} of known speakers, trained on "
        f"the others (intervals by Wilson over clips); label on new speakers as the mean over all of them, "
        f"left out in {settings['folds']} folds (interval by Student over speakers)."
    )
