"""The autoencoder whose latents move little when the clip does."""

from __future__ import annotations

from typing import Literal

import keras
from keras import ops

from course_lib.losses.contraction import estimated_contraction, sigmoid_contraction
from course_lib.models.penalised import PenalisedAutoencoder


@keras.saving.register_keras_serializable(package="latent_sound")
class ContractiveAutoencoder(PenalisedAutoencoder):
    """Reconstruction plus ``weight`` times the squared norm of the encoder's Jacobian (Rifai et al., 2011).

    Parameters
    ----------
    encoder, decoder : keras.Model
        As of :class:`course_lib.models.autoencoder.Autoencoder`. A decoder with kernels of its own can make
        up for small latents; tied ones (``sigmoid_decoder``, ``dense_decoder(tied=True)``) cannot, as in the
        paper.
    weight : float
        Of the norm, which is a sum over all inputs and latent numbers; logged as ``contraction``.
    method : "closed_form" or "estimate"
        The closed form is for one sigmoid layer, whose input may be rescaled. The estimate is for any encoder
        without dropout: it runs a second time on clips moved by noise of the size ``step``.
    step : float
        Of the estimate. 0.01 keeps two digits in float32; half precision needs about 1.
    seed : int
        Of the estimate's directions.

    Raises
    ------
    ValueError
        Another method, or the closed form of an encoder that is not one sigmoid layer.
    """

    term = "contraction"

    def __init__(
        self,
        encoder: keras.Model,
        decoder: keras.Model,
        weight: float = 1e-4,
        *,
        method: Literal["closed_form", "estimate"] = "estimate",
        step: float = 1e-2,
        seed: int = 0,
        **kwargs,
    ):
        super().__init__(encoder, decoder, weight, **kwargs)
        if method not in ("closed_form", "estimate"):
            raise ValueError(f"method must be closed_form or estimate; received {method!r}")
        if not step > 0:
            raise ValueError(f"step must be above 0; received {step}")
        self._input_scale = _scale_before_sigmoid(encoder) if method == "closed_form" else None
        self.method = method
        self.step = step
        self.seed = seed
        self.directions = keras.random.SeedGenerator(seed)

    def call(self, inputs, training=None):
        made = super().call(inputs, training=training)
        if self.method == "estimate":
            noise = keras.random.normal(ops.shape(inputs), seed=self.directions)
            noise = ops.cast(noise, inputs.dtype)
            made["moved"] = self.encoder(inputs + self.step * noise, training=training)
        return made

    def penalty(self, made):
        if self.method == "closed_form":
            norm = sigmoid_contraction(made["latents"], self.encoder.layers[-1].kernel)
            return self._input_scale**2 * norm
        latents, moved = (ops.cast(made[name], "float32") for name in ("latents", "moved"))
        return estimated_contraction(latents, moved, self.step)

    def compute_output_shape(self, input_shape):
        shapes = super().compute_output_shape(input_shape)
        return shapes | ({"moved": shapes["latents"]} if self.method == "estimate" else {})

    def get_config(self):
        own = {"method": self.method, "step": self.step, "seed": self.seed}
        return super().get_config() | own


def _scale_before_sigmoid(encoder: keras.Model) -> float:
    """What the one sigmoid layer's input was multiplied by; ValueError if there is more than that layer."""
    layers, scale = [], 1.0
    for layer in encoder.layers:
        if isinstance(layer, keras.layers.Rescaling):
            scale *= float(layer.scale)
        elif not isinstance(layer, (keras.layers.InputLayer, keras.layers.Flatten, keras.layers.Reshape)):
            layers.append(layer)
    dense = len(layers) == 1 and isinstance(layers[0], keras.layers.Dense) and encoder.layers[-1] is layers[0]
    if not dense or layers[0].activation is not keras.activations.sigmoid:
        raise ValueError(
            f"the closed form is for one sigmoid layer, which {encoder.name} is not; use sigmoid_encoder, "
            "dense_encoder(depth=0, activation='sigmoid'), or method='estimate'"
        )
    return scale
