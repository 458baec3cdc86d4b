"""A variational autoencoder that is told what it hears and asked for what it shall say."""

from __future__ import annotations

from typing import Any, ClassVar

import keras
import numpy as np
from keras import layers

from course_lib.losses.divergence import kl_of_gaussians
from course_lib.models.batched import batched
from course_lib.models.vae import PATHS, VAE, halves


def condition_prior(size: int, latent_dim: int, *, width: int = 64, seed: int = 0) -> keras.Model:
    """Condition (batch, size) -> (batch, 2 * latent_dim): means, then log-variances; at first all zero."""
    inputs = keras.Input((size,), name="condition")
    first = keras.initializers.GlorotUniform(seed=seed)
    x = layers.Dense(width, activation="gelu", kernel_initializer=first)(inputs)
    x = layers.Dense(2 * latent_dim, kernel_initializer="zeros", name="prior")(x)
    return keras.Model(inputs, x, name="condition_prior")


@keras.saving.register_keras_serializable(package="latent_sound")
class ConditionalVAE(VAE):
    """A VAE whose prior depends on a condition: ``p(z | condition)`` is a Gaussian that it learns.

    With one prior for everything, a decoder that is told the digit must sound right on latents of all
    digits, and the posteriors of 2,500 clips never fill that one normal: draws fall between them. A prior
    a condition moves to where its clips are (K. Sohn, X. Yan, H. Lee, "Learning structured output
    representation using deep conditional generative models", NIPS 2015).

    Train it on ``[features, condition]``; see :func:`course_lib.models.condition.one_hot` for the latter.

    Parameters
    ----------
    encoder, decoder : keras.Model
        As of :class:`VAE`. Either may read ``[its input, condition]`` instead of its input alone; with a
        decoder that does not, all that the condition says goes through the prior.
    prior : keras.Model
        (batch, size) -> (batch, 2 * latent_dim), such as :func:`condition_prior`, or a table:
        :func:`course_lib.models.cell_prior.cell_prior`.
    temperature : float
        What :meth:`sample` multiplies the prior's standard deviations by unless told otherwise.

    The others are :class:`VAE`'s.

    Raises
    ------
    ValueError
        The networks do not fit together.
    """

    networks: ClassVar[tuple[str, ...]] = ("encoder", "decoder", "prior")

    def __init__(
        self,
        encoder: keras.Model,
        decoder: keras.Model,
        prior: keras.Model,
        *,
        temperature: float = 1.0,
        **kwargs,
    ):
        super().__init__(encoder, decoder, **kwargs)
        _check_temperature(temperature)
        if prior.output_shape[-1] != 2 * self.latent_dim:
            raise ValueError(
                f"prior must give (batch, {2 * self.latent_dim}), a mean and a log-variance for each latent; "
                f"it gives {prior.output_shape}"
            )
        size = prior.inputs[0].shape[-1]
        for name, network in (("encoder", encoder), ("decoder", decoder)):
            if len(network.inputs) > 1 and network.inputs[1].shape[-1] != size:
                raise ValueError(
                    f"{name} reads a condition of {network.inputs[1].shape[-1]} numbers, prior one of {size}"
                )
        self.prior = prior
        self.temperature = temperature

    @property
    def condition_size(self) -> int:
        """Numbers of a condition."""
        return self.prior.inputs[0].shape[-1]

    def call(self, inputs, training=None):
        features, condition = inputs
        both = self.encoder(_beside(self.encoder, features, condition), training=training)
        mean, log_variance = self.split(both)
        z = self.sampling([mean, log_variance])
        estimate = self.decoder(_beside(self.decoder, z, condition), training=training)
        prior_mean, prior_log_variance = self.split(self.prior(condition, training=training))
        return {
            "estimate": estimate,
            "mean": mean,
            "log_variance": log_variance,
            "prior_mean": prior_mean,
            "prior_log_variance": prior_log_variance,
        }

    def divergence(self, made):
        names = ("mean", "log_variance", "prior_mean", "prior_log_variance")
        return kl_of_gaussians(*(made[name] for name in names))

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        return super().compute_loss(x[0], y, y_pred, sample_weight, training)

    def compute_output_shape(self, input_shape):
        shapes = super().compute_output_shape(input_shape[0])
        return shapes | {"prior_mean": shapes["mean"], "prior_log_variance": shapes["mean"]}

    def encode(self, features, condition, *, batch_size: int = 64) -> tuple[np.ndarray, np.ndarray]:
        """Clips and their conditions, (clips, size) -> means and log-variances, each (clips, latent_dim)."""
        condition = self._conditions(condition, len(features))
        beside = condition if len(self.encoder.inputs) > 1 else None
        what = "features (clips, frames, bands)"
        both = batched(self.encoder, features, self.clip_shape, what, batch_size, beside=beside)
        return halves(both)

    def prior_of(self, condition) -> tuple[np.ndarray, np.ndarray]:
        """Means and log-variances of the prior, each (clips, latent_dim), for conditions (clips, size)."""
        condition = self._conditions(condition, len(np.atleast_2d(condition)))
        return halves(batched(self.prior, condition, (self.condition_size,), "conditions"))

    def decode(self, latents, condition, *, batch_size: int = 64) -> np.ndarray:
        """Latents, shape (clips, latent_dim), and conditions -> features, (clips, frames, bands), float32."""
        condition = self._conditions(condition, len(latents))
        beside = condition if len(self.decoder.inputs) > 1 else None
        what = "latents (clips, latent_dim)"
        return batched(self.decoder, latents, (self.latent_dim,), what, batch_size, beside=beside)

    def reconstruct(self, features, condition, *, batch_size: int = 64) -> np.ndarray:
        """Through the posterior's mean and back, (clips, frames, bands) -> the same, float32."""
        mean, _ = self.encode(features, condition, batch_size=batch_size)
        return self.decode(mean, condition, batch_size=batch_size)

    def sample(
        self, n: int, condition=None, seed: int | None = None, *, temperature: float | None = None
    ) -> np.ndarray:
        """Decode ``n`` draws from the prior of ``condition``, shape (n, frames, bands).

        Parameters
        ----------
        condition : np.ndarray, shape (n, size) or (size,) for all
        temperature : float, optional
            Multiplies the standard deviations: below 1 clearer and less varied. The model's own when None.
        """
        if n < 1:
            raise ValueError(f"n must be at least 1; received {n}")
        if condition is None:
            raise ValueError(f"say what to sample: a condition of {self.condition_size} numbers")
        temperature = self.temperature if temperature is None else temperature
        _check_temperature(temperature)
        condition = self._conditions(condition, n)
        mean, log_variance = self.prior_of(condition)
        noise = np.random.default_rng(seed).standard_normal(mean.shape)
        return self.decode(mean + temperature * np.exp(log_variance / 2) * noise, condition)

    def convert(self, features, condition, wanted) -> np.ndarray:
        """Clips of one condition as they would be under another, (clips, frames, bands) -> the same.

        What sets a clip apart from others of its condition, in standard deviations of that prior, sets it
        apart under the other.
        """
        mean, _ = self.encode(features, condition)
        (here, here_log), (there, there_log) = (
            self.prior_of(self._conditions(c, len(features))) for c in (condition, wanted)
        )
        return self.decode(there + np.exp((there_log - here_log) / 2) * (mean - here), wanted)

    def interpolate(self, a, b, steps: int = 8, *, condition=None, path: str = "linear") -> np.ndarray:
        """Walk between two clips of one condition, (size,): see :meth:`VAE.interpolate`."""
        if condition is None:
            raise ValueError(f"say what the clips are: a condition of {self.condition_size} numbers")
        (start, end), _ = self.encode(self.ends(a, b, steps, path), condition)
        return self.decode(PATHS[path](start, end, steps), condition)

    def log_weights(self, features, condition, *, samples: int = 64, seed: int = 0) -> np.ndarray:
        """As :meth:`VAE.log_weights`, against the prior of each clip's condition."""
        condition = self._conditions(condition, len(features))
        return self.weigh(
            features,
            self.encode(features, condition),
            self.prior_of(condition),
            lambda z: self.decode(z, condition),
            samples,
            seed,
        )

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"temperature": self.temperature}

    def _conditions(self, condition, n: int) -> np.ndarray:
        """One condition a clip, (n, size), from as many or one for all."""
        condition = np.asarray(condition, np.float32)
        if condition.ndim == 1:
            condition = np.broadcast_to(condition, (n, len(condition)))
        if condition.shape != (n, self.condition_size):
            raise ValueError(
                f"expected conditions of shape ({n}, {self.condition_size}) or ({self.condition_size},); "
                f"received {condition.shape}"
            )
        return condition


def _check_temperature(temperature: float) -> None:
    if not temperature >= 0:
        raise ValueError(f"temperature must be at least 0; received {temperature}")


def _beside(network: keras.Model, x, condition):
    """The inputs of a network that may or may not read the condition."""
    return [x, condition] if len(network.inputs) > 1 else x
