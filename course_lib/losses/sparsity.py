"""How little of a latent is used. Latents in, one number a clip out."""

from __future__ import annotations

from keras import ops


def mean_activity(latents):
    """Mean absolute value, (batch, latent_dim) -> (batch,): the L1 norm, whatever the count."""
    return ops.mean(ops.abs(latents), axis=1)
