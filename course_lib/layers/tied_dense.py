"""A dense layer that has no kernel of its own."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="latent_sound")
class TiedDense(keras.layers.Layer):
    """Go back through a dense layer of an encoder: its kernel transposed, and a bias of this layer.

    (batch, numbers) -> (batch, units). An ``Autoencoder`` calls :meth:`tie` when it is given both networks;
    configurations name the other layer only, so a decoder is saved and rebuilt like any other.

    Parameters
    ----------
    units : int
        What the encoder's layer reads.
    tied_to : str
        Name of the encoder's layer.
    activation : str, optional
        As of ``keras.layers.Dense``.
    """

    def __init__(self, units: int, tied_to: str, activation: Any = None, **kwargs):
        super().__init__(**kwargs)
        if units < 1:
            raise ValueError(f"units must be at least 1; received {units}")
        self.units = units
        self.tied_to = tied_to
        self.activation = keras.activations.get(activation)
        self._kernel = None

    def build(self, input_shape):
        self.numbers = input_shape[-1]
        self.bias = self.add_weight(name="bias", shape=(self.units,), initializer="zeros")

    def tie(self, layer: keras.layers.Layer) -> None:
        """Use the kernel of ``layer``, a built ``Dense``, from now on.

        Raises
        ------
        ValueError
            It has none, or one of another shape.
        """
        kernel, wanted = getattr(layer, "kernel", None), (self.units, self.numbers)
        if kernel is None or tuple(kernel.shape) != wanted:
            has = "it has none" if kernel is None else f"it is {tuple(kernel.shape)}"
            raise ValueError(
                f"{self.name} is tied to {layer.name} and needs its kernel to be {wanted}; {has}"
            )
        # Kept in a function: an attribute would make the encoder's weights the decoder's as well.
        self._kernel = lambda: layer.kernel

    def call(self, inputs):
        if self._kernel is None:
            raise ValueError(
                f"{self.name} is tied to layer {self.tied_to!r} of an encoder; put both networks into an "
                "Autoencoder first"
            )
        return self.activation(ops.add(ops.matmul(inputs, ops.transpose(self._kernel())), self.bias))

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], self.units)

    def get_config(self):
        own = {"units": self.units, "tied_to": self.tied_to}
        return super().get_config() | own | {"activation": keras.activations.serialize(self.activation)}
