"""How much a variational autoencoder's latents carry, in nats, and how many of them are in use."""

from __future__ import annotations

import numpy as np

# Below this variance of its mean over clips, a latent says the same whatever it hears.
ACTIVE_VARIANCE = 0.01


def active_units(mean, *, threshold: float = ACTIVE_VARIANCE) -> np.ndarray:
    """Which latents depend on the clip: the variance of their posterior mean over clips exceeds 0.01.

    Y. Burda, R. Grosse, R. Salakhutdinov, "Importance weighted autoencoders", ICLR 2016. Few of many active
    means posterior collapse (lab 04).

    Parameters
    ----------
    mean : np.ndarray, shape (clips, latent_dim)
        Means of the approximate posterior, one row a clip.
    threshold : float
        Variance, in the latent's unit squared.

    Returns
    -------
    np.ndarray, shape (latent_dim,), bool
        ``.sum()`` counts them, ``.mean()`` is their share.
    """
    return _table(mean, "means", least=2).var(axis=0) > threshold


def kl_per_dimension(mean, log_variance) -> np.ndarray:
    """Divergence of each latent's Gaussian posterior from the standard normal, in nats, averaged over clips.

    ``(mean ** 2 + exp(log_variance) - 1 - log_variance) / 2``: D. P. Kingma, M. Welling, "Auto-encoding
    variational Bayes", ICLR 2014, appendix B.

    Parameters
    ----------
    mean, log_variance : np.ndarray, shape (clips, latent_dim)
        The posterior of each clip; the natural logarithm of its variance.

    Returns
    -------
    np.ndarray, shape (latent_dim,), float64
        Not negative; the sum is the KL term of the bound.
    """
    mean, log_variance = _table(mean, "means"), _table(log_variance, "log-variances")
    if mean.shape != log_variance.shape:
        raise ValueError(
            f"means and log-variances must have one shape; received {mean.shape} and {log_variance.shape}"
        )
    # expm1 keeps the digits of a posterior that has all but reached the prior.
    return np.mean(0.5 * (mean**2 + np.expm1(log_variance) - log_variance), axis=0)


def iwae_bound(log_weights) -> float:
    """Importance-weighted lower bound of the log likelihood, in nats a clip. Higher is better.

    The mean over clips of ``log(mean over samples of exp(log_weights))``, computed without overflow: Y. Burda
    et al., "Importance weighted autoencoders", ICLR 2016. With one sample it is the ELBO; it never falls, in
    expectation, with more. Models are comparable at equal numbers of samples and for the same unit of the
    clips.

    Parameters
    ----------
    log_weights : np.ndarray, shape (samples, clips)
        ``log p(x | z) + log p(z) - log q(z | x)`` for each ``z`` drawn from ``q``. Minus infinity is a sample
        that explains nothing.

    Raises
    ------
    ValueError
        Another shape, NaN or plus infinity, or a clip that none of its samples explains.
    """
    log_weights = np.asarray(log_weights, np.float64)
    if log_weights.ndim != 2 or 0 in log_weights.shape:
        raise ValueError(f"expected log weights of shape (samples, clips); received {log_weights.shape}")
    if np.isnan(log_weights).any() or np.isposinf(log_weights).any():
        raise ValueError("the log weights hold NaN or plus infinity: the training has diverged")
    most = log_weights.max(axis=0)
    if np.isneginf(most).any():
        raise ValueError(
            f"{int(np.isneginf(most).sum())} clips have no finite log weight: draw more samples or check "
            "the likelihood's scale"
        )
    return float(np.mean(most + np.log(np.mean(np.exp(log_weights - most), axis=0))))


def _table(values, name: str, *, least: int = 1) -> np.ndarray:
    values = np.asarray(values, np.float64)
    if values.ndim != 2 or 0 in values.shape:
        raise ValueError(f"expected {name} of shape (clips, latent_dim); received {values.shape}")
    if len(values) < least:
        raise ValueError(f"expected {least} clips or more; received {len(values)}")
    if not np.isfinite(values).all():
        raise ValueError(f"the {name} hold NaN or infinite values: the training has diverged")
    return values
