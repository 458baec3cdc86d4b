"""How far Gaussians are from each other, in nats: one number a clip and latent."""

from __future__ import annotations

from keras import ops


def kl_to_standard_normal(mean, log_variance):
    """KL(N(mean, exp(log_variance)) || N(0, 1)), (batch, latent_dim) twice -> (batch, latent_dim).

    ``(mean ** 2 + exp(log_variance) - 1 - log_variance) / 2``: D. P. Kingma, M. Welling, "Auto-encoding
    variational Bayes", ICLR 2014, appendix B. Not negative; 0 where the posterior is the prior.
    """
    mean, log_variance = ops.convert_to_tensor(mean), ops.convert_to_tensor(log_variance)
    # expm1 keeps the digits of a posterior that has all but reached the prior.
    return 0.5 * (ops.square(mean) + ops.expm1(log_variance) - log_variance)


def kl_of_gaussians(mean, log_variance, prior_mean, prior_log_variance):
    """KL(N(mean, ...) || N(prior_mean, ...)), (batch, latent_dim) four times -> (batch, latent_dim)."""
    mean, log_variance, prior_mean, prior_log_variance = (
        ops.convert_to_tensor(x) for x in (mean, log_variance, prior_mean, prior_log_variance)
    )
    difference = log_variance - prior_log_variance
    distance = ops.square(mean - prior_mean) * ops.exp(-prior_log_variance)
    return 0.5 * (distance + ops.expm1(difference) - difference)


def free_bits(kl, minimum: float):
    """Spare each latent its first ``minimum`` nats, (batch, latent_dim) -> scalar, summed over latents.

    The mean over the batch of a latent's KL counts only above ``minimum``: below it, saying more costs
    nothing, so a latent is not given up at the start (D. P. Kingma et al., "Improved variational inference
    with inverse autoregressive flow", NeurIPS 2016). With 0 it is the mean over the batch of the sum.
    """
    return ops.sum(ops.maximum(ops.mean(kl, axis=0), minimum))
