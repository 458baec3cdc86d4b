"""How unlikely clips are under a Gaussian of their estimate, in nats summed over all values of a clip."""

from __future__ import annotations

import math

from keras import ops

LOG_2_PI = math.log(2 * math.pi)


def gaussian_surprise(target, estimate, log_scale):
    """``-log N(target; estimate, exp(log_scale) ** 2)``, (batch, frames, bands) twice -> (batch,).

    The *sum* over frames and bands: the balance with a KL, which is a sum over latents, is then that of the
    evidence bound. A mean instead would weigh the KL some thousand times.

    Parameters
    ----------
    target, estimate : tensors, shape (batch, frames, bands)
    log_scale : tensor, shape () or (bands,)
        Natural logarithm of the standard deviation, in the features' unit.
    """
    target, estimate, log_scale = (ops.convert_to_tensor(x) for x in (target, estimate, log_scale))
    distance = ops.square((target - estimate) * ops.exp(-log_scale))
    return ops.sum(0.5 * (distance + LOG_2_PI) + log_scale, axis=(1, 2))
