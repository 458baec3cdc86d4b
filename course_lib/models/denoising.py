"""The denoiser of lab 02."""

from __future__ import annotations

import keras
import numpy as np

from course_lib.models.masking_model import MaskingModel


@keras.saving.register_keras_serializable(package="latent_sound")
class Denoiser(MaskingModel):
    """Noisy sound in, the voice out.

    Trains on pairs of stacked spectra, such as :class:`course_lib.data.noisy_pairs.NoisyPairs` makes, with a
    loss of :mod:`course_lib.losses.separation`. The arguments are those of :class:`MaskingModel`.
    """

    def denoise(self, y: np.ndarray) -> np.ndarray:
        """Let the voice in ``y``, shape (samples,), through -> the same shape, float32, at the same level.

        The whole sound is heard at once: memory grows with its length, by about 3 MB a second.

        Raises
        ------
        AudioError
            Not mono, empty, or not finite.
        """
        return self._masked(y)
