"""Give magnitudes that were made the phase of a spectrum that was heard."""

from __future__ import annotations

import keras
from keras import ops

# Power below which a bin has no phase to speak of, next to the mean of 1.
FLOOR = 1e-8


@keras.saving.register_keras_serializable(package="latent_sound")
class TakePhase(keras.layers.Layer):
    """[spectrum, compressed magnitudes] -> a spectrum of these magnitudes, each bin turned as in the first.

    (batch, frames, 2 * bins), all real parts before all imaginary parts, and (batch, frames, bins), not
    negative -> (batch, frames, 2 * bins). What a network says of magnitudes becomes sound by it: the phase of
    a noisy bin is nearly the clean one's where the voice is louder than the noise, and matters little where
    it is not. D. L. Wang, J. S. Lim, "The unimportance of phase in speech enhancement", IEEE Trans. ASSP
    30(4), 1982.

    Parameters
    ----------
    exponent : float
        By which the magnitudes are compressed, as of ``CompressedMagnitude``.
    """

    def __init__(self, exponent: float = 0.3, **kwargs):
        super().__init__(**kwargs)
        if not 0 < exponent <= 1:
            raise ValueError(f"exponent must lie in (0, 1]; received {exponent}")
        self.exponent = exponent

    def call(self, inputs):
        # Half precision has not the range of a power.
        spectrum, compressed = (ops.cast(part, "float32") for part in inputs)
        real, imaginary = ops.split(spectrum, 2, axis=-1)
        # By exp and log: ops.power takes several times as long.
        heard = ops.log(ops.square(real) + ops.square(imaginary) + FLOOR)
        gain = ops.exp(ops.log(compressed + FLOOR) / self.exponent - 0.5 * heard)
        return ops.cast(ops.concatenate([real * gain, imaginary * gain], axis=-1), self.compute_dtype)

    def compute_output_shape(self, input_shape):
        spectrum, compressed = (tuple(shape) for shape in input_shape)
        if spectrum[-1] != 2 * compressed[-1]:
            raise ValueError(
                f"expected half as many magnitudes as numbers of the spectrum, {spectrum[-1]}; received "
                f"{compressed[-1]}"
            )
        return spectrum

    def get_config(self):
        return super().get_config() | {"exponent": self.exponent}
