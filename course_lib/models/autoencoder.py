"""The autoencoder of lab 01."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from course_lib.layers.tied_dense import TiedDense
from course_lib.models.batched import batched


@keras.saving.register_keras_serializable(package="latent_sound")
class Autoencoder(keras.Model):
    """An encoder to a few numbers and a decoder back: ``compile`` it with any reconstruction loss.

    Parameters
    ----------
    encoder : keras.Model
        (batch, frames, bands) -> (batch, latent_dim).
    decoder : keras.Model
        (batch, latent_dim) -> (batch, frames, bands). Its ``TiedDense`` layers take their kernels from the
        layers of the encoder that they name.

    Raises
    ------
    ValueError
        The two networks do not fit together.
    """

    def __init__(self, encoder: keras.Model, decoder: keras.Model, **kwargs):
        super().__init__(**kwargs)
        if len(encoder.output_shape) != 2:
            raise ValueError(f"encoder must give (batch, latent_dim); it gives {encoder.output_shape}")
        if encoder.output_shape[1:] != decoder.input_shape[1:]:
            raise ValueError(
                f"decoder reads {decoder.input_shape[1:]}, but encoder gives {encoder.output_shape[1:]}"
            )
        if decoder.output_shape[1:] != encoder.input_shape[1:]:
            raise ValueError(
                f"decoder gives {decoder.output_shape[1:]}, but encoder reads {encoder.input_shape[1:]}"
            )
        for layer in decoder.layers:
            if isinstance(layer, TiedDense):
                layer.tie(_named(encoder, layer))
        self.encoder = encoder
        self.decoder = decoder
        # Both networks own their weights already, so there is nothing left to build at the first call.
        self.built = True

    @property
    def latent_dim(self) -> int:
        """Numbers that describe one clip."""
        return self.encoder.output_shape[-1]

    @property
    def clip_shape(self) -> tuple[int, int]:
        """(frames, bands) of one clip."""
        return tuple(self.encoder.input_shape[1:])

    def call(self, inputs, training=None):
        return self.decoder(self.encoder(inputs, training=training), training=training)

    def compute_output_shape(self, input_shape):
        return tuple(input_shape)

    def encode(self, features: np.ndarray, *, batch_size: int = 64) -> np.ndarray:
        """Features, shape (clips, frames, bands) -> latents, shape (clips, latent_dim), float32."""
        return batched(self.encoder, features, self.clip_shape, "features (clips, frames, bands)", batch_size)

    def decode(self, latents: np.ndarray, *, batch_size: int = 64) -> np.ndarray:
        """Latents, shape (clips, latent_dim) -> features, shape (clips, frames, bands), float32."""
        return batched(self.decoder, latents, (self.latent_dim,), "latents (clips, latent_dim)", batch_size)

    def reconstruct(self, features: np.ndarray, *, batch_size: int = 64) -> np.ndarray:
        """Through the bottleneck and back, shape (clips, frames, bands) -> the same, float32."""
        return self.decode(self.encode(features, batch_size=batch_size), batch_size=batch_size)

    def sample(self, n: int, condition: Any = None, seed: int | None = None) -> np.ndarray:
        """Decode ``n`` latents drawn from a standard normal, shape (n, frames, bands).

        Nothing in this model's training asked its latents to follow that distribution: what comes out is
        rarely speech, which is why lab 04 exists.
        """
        if condition is not None:
            raise ValueError(
                "this autoencoder takes no condition; use a conditional model to choose what to sample"
            )
        if n < 1:
            raise ValueError(f"n must be at least 1; received {n}")
        return self.decode(
            np.random.default_rng(seed).standard_normal((n, self.latent_dim), dtype=np.float32)
        )

    def interpolate(self, a: np.ndarray, b: np.ndarray, steps: int = 8) -> np.ndarray:
        """Walk between the latents of two clips, each (frames, bands) -> (steps, frames, bands).

        The first and the last step are the reconstructions of ``a`` and ``b``.
        """
        if steps < 2:
            raise ValueError(f"steps must be at least 2; received {steps}")
        for name, clip in (("a", a), ("b", b)):
            if np.shape(clip) != self.clip_shape:
                raise ValueError(
                    f"{name} must be one clip of shape {self.clip_shape}; received {np.shape(clip)}"
                )
        start, end = self.encode(np.stack([a, b]))
        weight = np.linspace(0, 1, steps, dtype=np.float32)[:, None]
        return self.decode((1 - weight) * start + weight * end)

    def get_config(self) -> dict[str, Any]:
        serialize = keras.saving.serialize_keras_object
        networks = {"encoder": serialize(self.encoder), "decoder": serialize(self.decoder)}
        return {"name": self.name, **networks}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects=None) -> Autoencoder:
        config = dict(config)
        for part in ("encoder", "decoder"):
            config[part] = keras.saving.deserialize_keras_object(config[part], custom_objects=custom_objects)
        return cls(**config)


def _named(encoder: keras.Model, tied: TiedDense) -> keras.layers.Layer:
    names = [layer.name for layer in encoder.layers]
    if tied.tied_to not in names:
        raise ValueError(
            f"{tied.name} is tied to layer {tied.tied_to!r}, which {encoder.name} has not; it has "
            f"{', '.join(names)}"
        )
    return encoder.get_layer(tied.tied_to)
