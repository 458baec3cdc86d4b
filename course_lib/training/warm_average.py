"""Optimisers whose running average of the weights is of use from the first steps on.

Keras's average forgets its first value at the speed of its momentum: after 100 steps an average of memory
0.995 is still mostly the untrained network, and that is what a short training would be heard with. Here the
memory grows with the steps, (1 + t) / (10 + t), until it reaches ``ema_momentum``: as in M. Tan, Q. V. Le,
"EfficientNet", ICML 2019, whose training code averages so.
"""

from __future__ import annotations

import keras
from keras import ops


class _WarmAverage:
    """Mixed into an optimiser: replaces the update of its averages."""

    def _update_model_variables_moving_average(self, trainable_variables):
        if not self.use_ema:
            return
        step = ops.cast(self.iterations, "float32")
        memory = ops.minimum(self.ema_momentum, (1.0 + step) / (10.0 + step))
        # The first average is the first value.
        memory = memory * ops.cast(step > 0, "float32")
        for variable, average in zip(trainable_variables, self._model_variables_moving_average, strict=True):
            if average is not None:
                average.assign(memory * average + (1.0 - memory) * variable)


@keras.saving.register_keras_serializable(package="latent_sound")
class WarmAdam(_WarmAverage, keras.optimizers.Adam):
    """Adam with such an average, for ``use_ema=True``."""


@keras.saving.register_keras_serializable(package="latent_sound")
class WarmAdamW(_WarmAverage, keras.optimizers.AdamW):
    """AdamW with such an average, for ``use_ema=True``."""
