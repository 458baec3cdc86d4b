"""The AM score: an inception score that knows which classes the real clips have."""

from __future__ import annotations

import numpy as np

from course_lib.evaluation.generation import arrays


def am_score(real_probabilities, fake_probabilities) -> float:
    """``KL(mean of real || mean of generated) + mean entropy of generated``, in nats. Lower is better.

    Z. Zhou et al., "Activation maximization generative adversarial nets", ICLR 2018. 0 where the judge is
    sure of every generated clip and hears each class as often as among real ones.

    Parameters
    ----------
    real_probabilities, fake_probabilities : np.ndarray, shape (clips, classes)
        The same judge's. Values below 1e-10 count as 1e-10 inside logarithms.

    Raises
    ------
    ValueError
        As :func:`arrays.probabilities`; different numbers of classes.
    """
    real = arrays.probabilities(real_probabilities, name="real probabilities")
    fake = arrays.probabilities(fake_probabilities, name="generated probabilities")
    if real.shape[1] != fake.shape[1]:
        raise ValueError(f"classes differ: {real.shape[1]} of real and {fake.shape[1]} of generated clips")
    wanted, made = real.mean(axis=0), fake.mean(axis=0)
    divergence = np.sum(wanted * (arrays.log(wanted) - arrays.log(made)))
    entropy = -np.mean(np.sum(fake * arrays.log(fake), axis=1))
    return float(max(divergence, 0.0) + entropy)
