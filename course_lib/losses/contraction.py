"""How much a latent moves when its clip moves a little: the encoder's Jacobian. One number a clip out.

S. Rifai, P. Vincent, X. Muller, X. Glorot, Y. Bengio, "Contractive auto-encoders: explicit invariance during
feature extraction", ICML 2011.
"""

from __future__ import annotations

from keras import ops


def sigmoid_contraction(latents, kernel):
    """Squared Frobenius norm of the Jacobian of one sigmoid layer, in closed form.

    h = sigmoid(W x + b) has dh_j / dx_i = h_j (1 - h_j) W_ij, so the norm needs no second pass.

    Parameters
    ----------
    latents : tensor, shape (batch, latent_dim)
        What the layer gave, in (0, 1).
    kernel : tensor, shape (numbers, latent_dim)
        Its weights.

    Returns
    -------
    tensor, shape (batch,)
        Summed over latent numbers and inputs.
    """
    slope = ops.square(latents * (1 - latents))
    return ops.matmul(slope, ops.sum(ops.square(kernel), axis=0))


def estimated_contraction(latents, moved, step: float):
    """The same norm of any encoder, from how far its latents moved: one random direction a clip.

    For a direction u with independent standard normal numbers, the expectation of |J u|^2 is the squared
    Frobenius norm of J; and J u is what a small step along u changes, divided by the step.

    Parameters
    ----------
    latents, moved : tensors, shape (batch, latent_dim)
        Of the clips, and of the clips plus ``step`` times standard normal noise.
    step : float
        Small, but above the rounding of the encoder's numbers.

    Returns
    -------
    tensor, shape (batch,)
        Without bias as the step goes to 0; single values scatter, their mean over a batch less.
    """
    return ops.sum(ops.square((moved - latents) / step), axis=1)
