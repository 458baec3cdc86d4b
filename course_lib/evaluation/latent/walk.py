"""How evenly a decoded walk between two latents changes."""

from __future__ import annotations

import numpy as np


def smoothness(features) -> dict[str, float]:
    """Whether each step of a decoded walk changes the sound by as much as the others, and how straight it is.

    In the spirit of perceptual path length (T. Karras, S. Laine, T. Aila, "A style-based generator
    architecture for generative adversarial networks", CVPR 2019): distances are measured between what is
    heard, not between latents. There a step is infinitesimal and a learned distance is squared; here steps
    are those of the walk and the distance is the Euclidean one of the features given, so that a ratio says
    the same for every kind of features. A cross-fade of the two ends scores a perfect 1 and 1: smoothness
    is worth something only where the middle of the walk sounds good.

    Parameters
    ----------
    features : np.ndarray, shape (steps, ...) or (walks, steps, frames, bands)
        Features of each decoded step, such as a log-mel spectrogram (steps, frames, bands) or a judge's
        (steps, features); at least three steps. Four axes are several walks, whose scores are averaged.

    Returns
    -------
    dict
        ``largest_step``: largest over mean step, 1 for an even walk, ``steps - 1`` for a single jump;
        ``length``: sum of the steps, in the features' unit; ``straight``: distance of the two ends;
        ``detour``: length over straight distance, 1 at best; for several walks ``largest_step_se`` and
        ``detour_se`` (standard error over walks) too.

    Raises
    ------
    ValueError
        Fewer than three steps, NaN, a walk whose steps are all the same (the decoder ignores the latent) or
        that ends where it began.
    """
    features = np.asarray(features, np.float64)
    if features.ndim not in (2, 3, 4) or 0 in features.shape:
        raise ValueError(
            "expected features of shape (steps, ...) or (walks, steps, frames, bands); "
            f"received {features.shape}"
        )
    if not np.isfinite(features).all():
        raise ValueError("the walk's features hold NaN or infinite values: the training has diverged")
    several = features.ndim == 4
    walks = features if several else features[None]
    walks = walks.reshape(*walks.shape[:2], -1)
    if walks.shape[1] < 3:
        raise ValueError(f"expected three steps or more; received {walks.shape[1]}")
    steps = np.linalg.norm(np.diff(walks, axis=1), axis=-1)
    straight = np.linalg.norm(walks[:, -1] - walks[:, 0], axis=-1)
    length = steps.sum(axis=1)
    scale = np.abs(walks).max(axis=(1, 2))
    for moved, what in ((length, "stands still: the decoder ignores the latent"), (straight, "is closed")):
        still = np.flatnonzero(moved <= 1e-9 * scale)
        if still.size:
            raise ValueError(f"walk {still[0]} {what}; smoothness is not defined for it")
    largest, detour = steps.max(axis=1) / steps.mean(axis=1), length / straight
    result = {
        "largest_step": float(largest.mean()),
        "length": float(length.mean()),
        "straight": float(straight.mean()),
        "detour": float(detour.mean()),
    }
    if several and len(walks) > 1:
        root = np.sqrt(len(walks))
        result |= {
            "largest_step_se": float(largest.std(ddof=1) / root),
            "detour_se": float(detour.std(ddof=1) / root),
        }
    return result
