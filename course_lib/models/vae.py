"""The variational autoencoder of lab 04."""

from __future__ import annotations

from typing import Any, ClassVar

import keras
import numpy as np
from keras import ops

from course_lib.layers.part import Part
from course_lib.layers.sampling import Sampling
from course_lib.losses.divergence import free_bits, kl_to_standard_normal
from course_lib.losses.likelihood import gaussian_surprise
from course_lib.models.batched import batched
from course_lib.models.walk import line, sphere

PATHS = {"linear": line, "spherical": sphere}
# exp(10) is far above any variance that a latent needs: an untrained network's output must not overflow.
LARGEST_LOG_VARIANCE = 10.0


@keras.saving.register_keras_serializable(package="latent_sound")
class VAE(keras.Model):
    """An encoder to a Gaussian, a decoder from a draw of it: ``compile(optimizer=...)``, the loss is its own.

    The loss is minus the evidence lower bound in nats a clip: the surprise of the clip under a Gaussian of
    the reconstruction, *summed* over frames and bands, plus ``beta`` times the KL of the posterior from a
    standard normal, *summed* over latents (D. P. Kingma, M. Welling, ICLR 2014). Its scale, one standard
    deviation a band, is learned with the rest: no weight between the two terms is left to guess (O. Rybkin
    et al., "Simple and effective VAE training with calibrated decoders", ICML 2021).

    Parameters
    ----------
    encoder : keras.Model
        (batch, frames, bands) -> (batch, 2 * latent_dim): means, then log-variances.
    decoder : keras.Model
        (batch, latent_dim) -> (batch, frames, bands).
    beta : float
        Weight of the KL; 1 is the bound, 0 an autoencoder with noise (I. Higgins et al., ICLR 2017).
    warm_up : int
        Optimiser steps over which ``beta`` grows from 0 (S. R. Bowman et al., CoNLL 2016).
    free_nats : float
        KL that each latent has for nothing: see :func:`course_lib.losses.divergence.free_bits`.
    initial_scale : float
        Standard deviation at the start, in the features' unit.
    learn_scale : bool
        False keeps it.
    seed : int
        Of the draws.

    Raises
    ------
    ValueError
        The networks do not fit together, or a setting is out of range.
    """

    #: Arguments that are networks.
    networks: ClassVar[tuple[str, ...]] = ("encoder", "decoder")

    def __init__(
        self,
        encoder: keras.Model,
        decoder: keras.Model,
        *,
        beta: float = 1.0,
        warm_up: int = 0,
        free_nats: float = 0.0,
        initial_scale: float = 1.0,
        learn_scale: bool = True,
        seed: int = 0,
        **kwargs,
    ):
        super().__init__(**kwargs)
        latent_dim = decoder.inputs[0].shape[-1]
        if len(encoder.output_shape) != 2 or encoder.output_shape[-1] != 2 * latent_dim:
            raise ValueError(
                f"encoder must give (batch, {2 * latent_dim}), a mean and a log-variance for each number "
                f"that decoder reads; it gives {encoder.output_shape}"
            )
        reads = tuple(encoder.inputs[0].shape[1:])
        if tuple(decoder.output_shape[1:]) != reads:
            raise ValueError(f"decoder gives {decoder.output_shape[1:]}, but encoder reads {reads}")
        for name, value, low in (("beta", beta, 0), ("warm_up", warm_up, 0), ("free_nats", free_nats, 0)):
            if not value >= low:
                raise ValueError(f"{name} must be at least {low}; received {value}")
        if not initial_scale > 0:
            raise ValueError(f"initial_scale must be above 0; received {initial_scale}")
        self.encoder = encoder
        self.decoder = decoder
        self.beta = beta
        self.warm_up = warm_up
        self.free_nats = free_nats
        self.initial_scale = initial_scale
        self.learn_scale = learn_scale
        self.seed = seed
        self.mean_part = Part(0, latent_dim, name="mean")
        self.log_variance_part = Part(latent_dim, 2 * latent_dim, name="log_variance")
        self.sampling = Sampling(seed, name="sampling")
        self.log_scale = self.add_weight(
            name="log_scale",
            shape=(decoder.output_shape[-1],),
            initializer=keras.initializers.Constant(float(np.log(initial_scale))),
            trainable=learn_scale,
        )
        # Its own count: within a JAX step the optimiser's is out of reach.
        self.steps = self.add_weight(name="steps", shape=(), initializer="zeros", trainable=False)
        self.surprise_tracker = keras.metrics.Mean(name="reconstruction")
        self.kl_tracker = keras.metrics.Mean(name="kl")
        self.built = True

    @property
    def latent_dim(self) -> int:
        """Numbers that describe one clip."""
        return self.decoder.inputs[0].shape[-1]

    @property
    def clip_shape(self) -> tuple[int, int]:
        """(frames, bands) of one clip."""
        return tuple(self.encoder.inputs[0].shape[1:])

    def posterior(self, inputs, training=None):
        """Means and log-variances, each (batch, latent_dim)."""
        return self.split(self.encoder(inputs, training=training))

    def split(self, both):
        """What a network gives for a Gaussian, (batch, 2 * latent_dim) -> its mean and log-variance."""
        return self.mean_part(both), ops.minimum(self.log_variance_part(both), LARGEST_LOG_VARIANCE)

    def call(self, inputs, training=None):
        mean, log_variance = self.posterior(inputs, training=training)
        z = self.sampling([mean, log_variance])
        estimate = self.decoder(z, training=training)
        return {"estimate": estimate, "mean": mean, "log_variance": log_variance}

    def divergence(self, made):
        """KL of the posterior that ``call`` gave from the prior, (batch, latent_dim)."""
        return kl_to_standard_normal(made["mean"], made["log_variance"])

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        target = ops.cast(x if y is None else y, "float32")
        made = {name: ops.cast(value, "float32") for name, value in y_pred.items()}
        surprise = gaussian_surprise(target, made["estimate"], self.log_scale)
        kl = self.divergence(made)
        # A number a clip: the last batch of an epoch is often smaller and must not count as much.
        self.surprise_tracker.update_state(surprise)
        self.kl_tracker.update_state(ops.sum(kl, axis=1))
        beta = self.beta
        if training and self.warm_up:
            beta = beta * ops.minimum(self.steps / self.warm_up, 1.0)
            self.steps.assign_add(1.0)
        # Validation is the bound itself, whatever spares or weighs the KL in training.
        weighed = beta * free_bits(kl, self.free_nats) if training else free_bits(kl, 0.0)
        return ops.mean(surprise) + weighed

    def compute_output_shape(self, input_shape):
        latents = (input_shape[0], self.latent_dim)
        return {"estimate": tuple(input_shape), "mean": latents, "log_variance": latents}

    def encode(self, features: np.ndarray, *, batch_size: int = 64) -> tuple[np.ndarray, np.ndarray]:
        """Features, shape (clips, frames, bands) -> means and log-variances, each (clips, latent_dim)."""
        both = batched(self.encoder, features, self.clip_shape, "features (clips, frames, bands)", batch_size)
        return halves(both)

    def decode(self, latents: np.ndarray, *, batch_size: int = 64) -> np.ndarray:
        """Latents, shape (clips, latent_dim) -> features, shape (clips, frames, bands), float32."""
        return batched(self.decoder, latents, (self.latent_dim,), "latents (clips, latent_dim)", batch_size)

    def reconstruct(self, features: np.ndarray, *, batch_size: int = 64) -> np.ndarray:
        """Through the posterior's mean and back, shape (clips, frames, bands) -> the same, float32."""
        return self.decode(self.encode(features, batch_size=batch_size)[0], batch_size=batch_size)

    def sample(self, n: int, condition: Any = None, seed: int | None = None) -> np.ndarray:
        """Decode ``n`` draws from the standard normal, shape (n, frames, bands): clips that never were."""
        if condition is not None:
            raise ValueError(
                "this autoencoder takes no condition; use a conditional model to choose what to sample"
            )
        if n < 1:
            raise ValueError(f"n must be at least 1; received {n}")
        return self.decode(
            np.random.default_rng(seed).standard_normal((n, self.latent_dim), dtype=np.float32)
        )

    def interpolate(
        self, a: np.ndarray, b: np.ndarray, steps: int = 8, *, path: str = "linear"
    ) -> np.ndarray:
        """Walk between the means of two clips, each (frames, bands) -> (steps, frames, bands).

        Parameters
        ----------
        path : {"linear", "spherical"}
            Spherical keeps the latent as far from 0 as draws of the prior are: a straight line between two
            of many dimensions cuts through the middle, where hardly any lies (T. White, "Sampling generative
            networks", 2016).
        """
        pair = self.ends(a, b, steps, path)
        (start, end), _ = self.encode(pair)
        return self.decode(PATHS[path](start, end, steps))

    def ends(self, a: np.ndarray, b: np.ndarray, steps: int, path: str) -> np.ndarray:
        """Both clips of a walk, (2, frames, bands), or a ValueError that says what is wrong with it."""
        if path not in PATHS:
            raise ValueError(f"path must be one of {', '.join(PATHS)}; received {path!r}")
        if steps < 2:
            raise ValueError(f"steps must be at least 2; received {steps}")
        for name, clip in (("a", a), ("b", b)):
            if np.shape(clip) != self.clip_shape:
                raise ValueError(
                    f"{name} must be one clip of shape {self.clip_shape}; received {np.shape(clip)}"
                )
        return np.stack([a, b])

    def log_weights(self, features: np.ndarray, *, samples: int = 64, seed: int = 0) -> np.ndarray:
        """``log p(x | z) + log p(z) - log q(z | x)`` of draws from the posterior, (samples, clips), nats.

        What :func:`course_lib.evaluation.latent.posterior.iwae_bound` reads.

        Parameters
        ----------
        features : np.ndarray, shape (clips, frames, bands)
        samples : int
            Draws a clip.
        """
        return self.weigh(features, self.encode(features), (0.0, 0.0), self.decode, samples, seed)

    def weigh(self, features, posterior, prior, decode, samples: int, seed: int) -> np.ndarray:
        """:meth:`log_weights` of a posterior against a prior, each a mean and a log-variance."""
        if samples < 1:
            raise ValueError(f"samples must be at least 1; received {samples}")
        features = np.asarray(features, np.float32)
        mean, log_variance, prior_mean, prior_log_variance = (
            np.asarray(part, np.float64) for part in (*posterior, *prior)
        )
        rng, log_scale = np.random.default_rng(seed), ops.convert_to_numpy(self.log_scale)
        rows = np.empty((samples, len(features)))
        for row in rows:
            noise = rng.standard_normal(mean.shape)
            z = mean + np.exp(log_variance / 2) * noise
            away = (z - prior_mean) ** 2 * np.exp(-prior_log_variance)
            row[:] = 0.5 * np.sum(noise**2 + log_variance - away - prior_log_variance, axis=1)
            row -= ops.convert_to_numpy(gaussian_surprise(features, decode(z), log_scale))
        return rows

    def get_config(self) -> dict[str, Any]:
        networks = {name: keras.saving.serialize_keras_object(getattr(self, name)) for name in self.networks}
        settings = ("beta", "warm_up", "free_nats", "initial_scale", "learn_scale", "seed")
        return {"name": self.name, **networks, **{name: getattr(self, name) for name in settings}}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects=None) -> VAE:
        config = dict(config)
        for part in cls.networks:
            config[part] = keras.saving.deserialize_keras_object(config[part], custom_objects=custom_objects)
        return cls(**config)


def halves(both: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What an encoder gives, (clips, 2 * latent_dim) -> means and log-variances."""
    mean, log_variance = np.split(both, 2, axis=1)
    return mean, np.minimum(log_variance, LARGEST_LOG_VARIANCE)
