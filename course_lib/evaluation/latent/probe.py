"""A linear classifier reads a latent."""

from __future__ import annotations

from typing import Any

import numpy as np

from course_lib.evaluation.intervals import mean_interval, wilson_interval


def linear_probe(
    z_train,
    labels_train,
    z_test,
    labels_test,
    *,
    speakers_train=None,
    speakers_test=None,
) -> dict[str, Any]:
    """Accuracy of a logistic regression on latents: how much of the label lies open in them.

    G. Alain, Y. Bengio, "Understanding intermediate layers using linear classifier probes", 2016.

    Parameters
    ----------
    z_train, z_test : np.ndarray, shape (clips, ...)
        Latents, flattened a clip and standardised by the training clips.
    labels_train, labels_test : np.ndarray, shape (clips,)
        What to read: digit or speaker.
    speakers_train, speakers_test : np.ndarray, shape (clips,), optional
        Who speaks. When given, a speaker on both sides is refused, and each test speaker's own accuracy is
        reported: they differ more than the interval over clips suggests, so with two or more of them the
        interval over speakers is given too.

    Returns
    -------
    dict
        ``accuracy``, ``low`` and ``high`` (95 % Wilson interval over clips), ``train_accuracy``, ``chance``
        (always the commonest training label), ``clips``, ``hit`` (one a test clip), ``confusion`` (labels,
        labels; rows are the truth), ``labels`` and, with speakers, ``by_speaker`` and
        ``over_speakers`` (mean of these with its 95 % interval by Student, see :func:`mean_interval`; None
        for a single speaker).

    Raises
    ------
    ValueError
        Shapes that do not fit, NaN, fewer than two labels, a test label that training has not seen, or a
        speaker on both sides.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    z_train, labels_train = _labelled(z_train, labels_train, "training")
    z_test, labels_test = _labelled(z_test, labels_test, "test")
    if z_train.shape[1] != z_test.shape[1]:
        raise ValueError(f"latents differ in size: {z_train.shape[1]} and {z_test.shape[1]} numbers a clip")
    labels, counts = np.unique(labels_train, return_counts=True)
    unseen = sorted(set(labels_test.tolist()) - set(labels.tolist()))
    if len(labels) < 2 or unseen:
        raise ValueError(
            f"the probe trains on labels {labels.tolist()}; "
            + (f"the test also has {unseen}" if unseen else "it needs two at least")
        )
    if (speakers_train is None) != (speakers_test is None):
        raise ValueError("give the speakers of both sides or of neither")
    if speakers_train is not None:
        shared = sorted({str(name) for name in speakers_train} & {str(name) for name in speakers_test})
        if shared:
            raise ValueError(
                f"{', '.join(shared)} speaks on both sides: the probe would know the voice; hold speakers out"
            )
    probe = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000, C=0.1))
    probe.fit(z_train, labels_train)
    predicted = probe.predict(z_test)
    hit = predicted == labels_test
    low, high = wilson_interval(int(hit.sum()), len(hit))
    confusion = np.zeros((len(labels), len(labels)), np.int64)
    np.add.at(confusion, (np.searchsorted(labels, labels_test), np.searchsorted(labels, predicted)), 1)
    result = {
        "accuracy": float(hit.mean()),
        "low": low,
        "high": high,
        "train_accuracy": float(probe.score(z_train, labels_train)),
        "chance": float(np.mean(labels_test == labels[np.argmax(counts)])),
        "clips": len(hit),
        "hit": hit,
        "labels": labels.tolist(),
        "confusion": confusion,
    }
    if speakers_test is not None:
        result |= per_speaker(hit, speakers_test)
    return result


def per_speaker(hit, speakers) -> dict[str, Any]:
    """``by_speaker``: share of hits of each; ``over_speakers``: their mean and its interval, None for one.

    Parameters
    ----------
    hit : np.ndarray, shape (clips,), bool
        Whether each clip was read rightly.
    speakers : np.ndarray, shape (clips,)
        Who speaks.
    """
    hit, speakers = np.asarray(hit, bool), np.asarray(speakers).astype(str)
    by_speaker = {str(name): float(hit[speakers == name].mean()) for name in np.unique(speakers)}
    several = len(by_speaker) > 1
    over = mean_interval(list(by_speaker.values()), bounds=(0.0, 1.0)) if several else None
    return {"by_speaker": by_speaker, "over_speakers": over}


def _labelled(z, labels, name: str) -> tuple[np.ndarray, np.ndarray]:
    z, labels = np.asarray(z, np.float64), np.asarray(labels)
    if z.ndim < 2 or labels.shape != (len(z),) or not len(z):
        raise ValueError(
            f"expected {name} latents of shape (clips, ...) with one label a clip; "
            f"received {z.shape} and {labels.shape}"
        )
    if not np.isfinite(z).all():
        raise ValueError(f"the {name} latents hold NaN or infinite values: the training has diverged")
    return z.reshape(len(z), -1), labels
