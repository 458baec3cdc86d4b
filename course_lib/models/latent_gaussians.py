"""What latents of each kind of clip look like, fitted after a training: a Gaussian a kind."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

# A direction in which no clip differs still gets this part of the mean variance: it must be positive.
LEAST_VARIANCE = 1e-6


class LatentGaussians:
    """Draw latents of a kind (a digit, a digit of one speaker) that the decoder has met.

    A standard normal is what a VAE's latents should follow, not what they do: decoded draws of it are often
    no speech. A density fitted to the latents themselves repairs that and works for any autoencoder (P. Ghosh
    et al., "From variational to deterministic autoencoders", ICLR 2020). Each kind has a mean and a
    covariance of its own; the latter is mixed with the pooled one, because a few dozen clips do not determine
    it (J. Friedman, "Regularized discriminant analysis", JASA 84, 1989).

    Parameters
    ----------
    latents : np.ndarray, shape (clips, latent_dim)
        Of training clips.
    kinds : sequence, one a clip
        Any values that compare equal within a kind, such as ``(7, "theo")``.
    pooled : float
        Weight of the covariance that all kinds share, 0 to 1.

    Attributes
    ----------
    kinds : list
        In the order of :attr:`counts` (clips each), :attr:`means` (kinds, latent_dim) and
        :attr:`roots` (kinds, latent_dim, latent_dim; lower triangles whose squares are the covariances).

    Raises
    ------
    ValueError
        Shapes that do not fit, NaN, a kind of one clip, or a weight outside [0, 1].
    """

    def __init__(self, latents: np.ndarray, kinds: Sequence, *, pooled: float = 0.5):
        z, kinds = np.asarray(latents, np.float64), list(kinds)
        if z.ndim != 2 or len(kinds) != len(z) or not z.size:
            raise ValueError(
                f"expected latents of shape (clips, latent_dim) and a kind for each; received {z.shape} and "
                f"{len(kinds)} kinds"
            )
        if not np.isfinite(z).all():
            raise ValueError("the latents hold NaN or infinite values: the training has diverged")
        if not 0 <= pooled <= 1:
            raise ValueError(f"pooled must lie between 0 and 1; received {pooled}")
        self.pooled = pooled
        self.kinds = list(dict.fromkeys(kinds))
        place = {kind: number for number, kind in enumerate(self.kinds)}
        cell = np.array([place[kind] for kind in kinds])
        self.counts = np.bincount(cell)
        if self.counts.min() < 2:
            lonely = self.kinds[int(self.counts.argmin())]
            raise ValueError(f"kind {lonely!r} has one clip: a spread takes two at least")
        self.means = np.stack([z[cell == number].mean(axis=0) for number in range(len(self.kinds))])
        rest = z - self.means[cell]
        within = rest.T @ rest / (len(z) - len(self.kinds) or 1)
        floor = LEAST_VARIANCE * max(np.trace(within) / len(within), LEAST_VARIANCE) * np.eye(z.shape[1])
        self.roots = np.stack(
            [
                np.linalg.cholesky((1 - pooled) * np.atleast_2d(np.cov(part.T)) + pooled * within + floor)
                for part in (rest[cell == number] for number in range(len(self.kinds)))
            ]
        )

    def sample(self, kinds: Sequence, *, seed: int | None = None, temperature: float = 1.0) -> np.ndarray:
        """One latent for each of ``kinds``, shape (len(kinds), latent_dim), float32.

        Parameters
        ----------
        temperature : float
            Multiplies the standard deviations: below 1 clearer and less varied, 0 the mean itself.

        Raises
        ------
        ValueError
            A kind that was not among the training clips.
        """
        if not temperature >= 0:
            raise ValueError(f"temperature must be at least 0; received {temperature}")
        place = {kind: number for number, kind in enumerate(self.kinds)}
        unknown = [kind for kind in kinds if kind not in place]
        if unknown:
            known = ", ".join(map(str, self.kinds[:12])) + (" ..." if len(self.kinds) > 12 else "")
            raise ValueError(f"no latents of kind {unknown[0]!r} were fitted; expected one of {known}")
        index = np.array([place[kind] for kind in kinds], dtype=int)
        noise = np.random.default_rng(seed).standard_normal((len(index), self.means.shape[1]))
        moved = np.einsum("nij,nj->ni", self.roots[index], noise)
        return (self.means[index] + temperature * moved).astype(np.float32)
