"""What the models that mask a spectrum have in common."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from course_lib.audio.files import check_samples
from course_lib.audio.stacked import level, stack, unstack
from course_lib.audio.stft import istft, stft


def input_shapes(network: keras.Model) -> dict[str, tuple]:
    """Shape of each input of a network by its name."""
    return {x.name: tuple(x.shape) for x in network.inputs}


class MaskingModel(keras.Model):
    """A network on stacked spectra, and the transform that makes them from sound.

    Parameters
    ----------
    network : keras.Model
        Stacked ``spectrum``, (batch, frames, 2 * bins), and perhaps a ``condition`` -> the same shape,
        as of :func:`course_lib.models.masking.masking_network`.
    n_fft, hop_length : int
        As of :func:`course_lib.audio.stft.stft`; ``bins`` is 1 + n_fft // 2.
    stride : int
        The network takes a multiple of so many frames.

    Raises
    ------
    ValueError
        The network gives another shape than it reads, or not as many bins as the transform.
    """

    def __init__(self, network: keras.Model, *, n_fft: int, hop_length: int, stride: int = 2, **kwargs):
        super().__init__(**kwargs)
        reads = input_shapes(network).get("spectrum", ())
        if reads != tuple(network.output_shape):
            raise ValueError(f"network must give what it reads, {reads}; it gives {network.output_shape}")
        if reads[-1] != 2 * (1 + n_fft // 2):
            raise ValueError(
                f"n_fft = {n_fft} makes {2 * (1 + n_fft // 2)} numbers a frame; network reads {reads[-1]}"
            )
        if hop_length < 1 or n_fft % hop_length:
            raise ValueError(f"hop_length must divide n_fft = {n_fft}; received {hop_length}")
        self.network = network
        self.n_fft = n_fft
        self.hop_length = hop_length
        self.stride = stride
        # The network owns its weights already, so there is nothing left to build at the first call.
        self.built = True

    def call(self, inputs, training=None):
        return self.network(inputs, training=training)

    def compute_output_shape(self, input_shape):
        return tuple(input_shape["spectrum"] if isinstance(input_shape, dict) else input_shape)

    def get_config(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "network": keras.saving.serialize_keras_object(self.network),
            "n_fft": self.n_fft,
            "hop_length": self.hop_length,
            "stride": self.stride,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects=None) -> MaskingModel:
        network = keras.saving.deserialize_keras_object(config["network"], custom_objects=custom_objects)
        return cls(**(config | {"network": network}))

    def _masked(self, y: np.ndarray, condition: np.ndarray | None = None) -> np.ndarray:
        """One sound, shape (samples,), through the network at the level of its training -> the same shape."""
        y = check_samples(y)
        step = self.hop_length * self.stride
        # One step of silence beyond the end: the transform's last hop is not reliable.
        padded = np.pad(y, (0, step - len(y) % step))
        spectrum = stft(padded, n_fft=self.n_fft, hop_length=self.hop_length)[None]
        scale = level(spectrum)
        inputs = stack(spectrum / scale)
        if condition is not None:
            inputs = {"spectrum": inputs, "condition": condition[None]}
        made = unstack(keras.ops.convert_to_numpy(self.network(inputs, training=False))) * scale
        return istft(made[0], n_fft=self.n_fft, hop_length=self.hop_length)[: len(y)]
