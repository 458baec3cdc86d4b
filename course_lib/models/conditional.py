"""The conditional model of lab 03: out of two voices, the one that says what was asked for."""

from __future__ import annotations

import keras
import numpy as np

from course_lib.models.masking_model import MaskingModel, input_shapes


@keras.saving.register_keras_serializable(package="latent_sound")
class ConditionalSeparator(MaskingModel):
    """A mixture and a wish in, the wished-for source out.

    Its network reads ``spectrum`` and ``condition``, shape (batch, classes); pairs to train on come from
    :class:`course_lib.data.mixture_pairs.MixturePairs`. The arguments are those of :class:`MaskingModel`.

    Raises
    ------
    ValueError
        As :class:`MaskingModel`; also a network without a condition.
    """

    def __init__(self, network: keras.Model, *, n_fft: int, hop_length: int, stride: int = 2, **kwargs):
        if "condition" not in input_shapes(network):
            raise ValueError("network must read spectrum and condition; make it with classes=...")
        super().__init__(network, n_fft=n_fft, hop_length=hop_length, stride=stride, **kwargs)

    @property
    def classes(self) -> int:
        """How many different things can be asked for."""
        return input_shapes(self.network)["condition"][-1]

    def separate(self, y: np.ndarray, condition: int) -> np.ndarray:
        """What in ``y``, shape (samples,), says ``condition``, in [0, classes) -> the same shape, float32.

        Raises
        ------
        AudioError
            Not mono, empty, or not finite.
        ValueError
            An unknown condition.
        """
        if condition not in range(self.classes):
            raise ValueError(f"condition must be one of 0 to {self.classes - 1}; received {condition!r}")
        return self._masked(y, np.eye(self.classes, dtype=np.float32)[int(condition)])
