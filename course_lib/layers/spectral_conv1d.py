"""A convolution over time whose gain is held to one."""

from __future__ import annotations

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="latent_sound")
class SpectralConv1D(keras.layers.Layer):
    """Conv1D with its kernel divided by the kernel's largest singular value.

    T. Miyato, T. Kataoka, M. Koyama, Y. Yoshida, "Spectral normalization for generative adversarial
    networks", ICLR 2018: a critic made of such layers has a bounded slope, so its gradient neither explodes
    nor vanishes. As in the paper the kernel is read as a matrix, (kernel_size * channels, filters), one power
    iteration is made a training step, and the gradient goes through the division. The kernel itself is never
    rewritten (Keras's wrapper does), so a rival that only reads the layer leaves it bit-identical and all
    backends agree. (batch, frames, channels) -> (batch, frames / strides, filters). A dense layer is the
    case of one frame.

    Parameters
    ----------
    filters, kernel_size, strides, dilation_rate : int
    activation : str, optional
    seed : int
        Of the kernel and of the iteration's start.
    """

    def __init__(
        self,
        filters: int,
        kernel_size: int = 1,
        strides: int = 1,
        dilation_rate: int = 1,
        activation: str | None = None,
        seed: int = 0,
        **kwargs,
    ):
        super().__init__(**kwargs)
        if min(filters, kernel_size, strides, dilation_rate) < 1:
            raise ValueError(
                "filters, kernel_size, strides and dilation_rate must be at least 1; received "
                f"{filters}, {kernel_size}, {strides} and {dilation_rate}"
            )
        self.filters = filters
        self.kernel_size = kernel_size
        self.strides = strides
        self.dilation_rate = dilation_rate
        self.activation = activation
        self.seed = seed
        self._activate = keras.activations.get(activation)

    def build(self, input_shape):
        shape = (self.kernel_size, input_shape[-1], self.filters)
        self.kernel = self.add_weight(
            name="kernel", shape=shape, initializer=keras.initializers.GlorotUniform(seed=self.seed)
        )
        self.bias = self.add_weight(name="bias", shape=(self.filters,), initializer="zeros")
        self.direction = self.add_weight(
            name="direction",
            shape=(self.filters,),
            initializer=keras.initializers.RandomNormal(seed=self.seed + 1),
            trainable=False,
        )

    def call(self, inputs, training=None):
        matrix = ops.reshape(self.kernel, (-1, self.filters))
        still = ops.stop_gradient(matrix)
        left = _unit(ops.matmul(still, self.direction))
        right = _unit(ops.matmul(left, still))
        if training:
            self.direction.assign(right)
        gain = ops.sum(left * ops.matmul(matrix, ops.stop_gradient(right)))
        x = ops.conv(
            inputs,
            self.kernel / gain,
            strides=self.strides,
            padding="same",
            dilation_rate=self.dilation_rate,
        )
        return self._activate(x + self.bias)

    def compute_output_shape(self, input_shape):
        frames = None if input_shape[1] is None else -(-input_shape[1] // self.strides)
        return (input_shape[0], frames, self.filters)

    def get_config(self):
        return super().get_config() | {
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "dilation_rate": self.dilation_rate,
            "activation": self.activation,
            "seed": self.seed,
        }


def _unit(x):
    return x / ops.maximum(ops.norm(x), 1e-12)
