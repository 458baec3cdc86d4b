"""Multiply a spectrum by a complex mask."""

from __future__ import annotations

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="latent_sound")
class ApplyMask(keras.layers.Layer):
    """Turn and scale every bin of a spectrum: [spectrum, mask] -> spectrum.

    D. S. Williamson, Y. Wang, D. Wang, "Complex ratio masking for monaural speech separation", IEEE/ACM TASLP
    24(3), 2016. Both are (batch, frames, 2 * bins), all real parts before all imaginary parts. Real and
    imaginary part of the mask are first bent into [-largest, largest] by a hyperbolic tangent.

    Parameters
    ----------
    largest : float
        Where two sounds cancel, either is louder than their sum: above 1.
    """

    def __init__(self, largest: float = 1.5, **kwargs):
        super().__init__(**kwargs)
        if not largest > 0:
            raise ValueError(f"largest must be positive; received {largest}")
        self.largest = largest

    def call(self, inputs):
        spectrum, mask = inputs
        real, imaginary = ops.split(spectrum, 2, axis=-1)
        bent = self.largest * ops.tanh(mask / self.largest)
        scale, turn = ops.split(bent, 2, axis=-1)
        return ops.concatenate([real * scale - imaginary * turn, real * turn + imaginary * scale], axis=-1)

    def compute_output_shape(self, input_shape):
        spectrum, mask = (tuple(shape) for shape in input_shape)
        if spectrum[-1] != mask[-1] or spectrum[-1] % 2:
            raise ValueError(
                "expected a spectrum and a mask of equally many real and imaginary parts; received "
                f"{spectrum[-1]} and {mask[-1]} numbers a frame"
            )
        return spectrum

    def get_config(self):
        return super().get_config() | {"largest": self.largest}
