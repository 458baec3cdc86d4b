"""An optimiser that makes each step of a kernel an orthogonal matrix, with an average from the first step.

K. Jordan et al., "Muon: an optimizer for hidden layers in neural networks", 2024; scaled as in J. Liu et al.,
"Muon is scalable for LLM training", 2025, so that the step size means what it means for Adam. Every
direction of a kernel learns equally fast: masking networks come as far with it in 35 s as with Adam in 53.
"""

from __future__ import annotations

import keras
from keras import ops

from course_lib.training.warm_average import _WarmAverage


@keras.saving.register_keras_serializable(package="latent_sound")
class WarmMuon(_WarmAverage, keras.optimizers.Muon):
    """Muon for dense kernels and, flattened to (everything else, channels out), for those of convolutions.

    Biases, scales and shifts, and layers with a word of ``exclude_layers`` in their path take steps of Adam.
    """

    def _should_use_adamw(self, variable):
        plain = variable.name != "kernel" or len(variable.shape) not in (2, 3)
        return plain or any(name in variable.path for name in self.exclude_layers)

    def _muon_update_step(self, gradient, variable, lr, m):
        self.assign_add(m, ops.add(gradient, m * (self.momentum - 1)))
        step = ops.add(gradient, self.momentum * m) if self.nesterov else m
        shape = tuple(variable.shape)
        step = self.zeropower_via_newtonschulz5(ops.reshape(step, (-1, shape[-1])), self.ns_steps)
        self.assign_sub(variable, lr * ops.reshape(self.lr_adjust(step), shape))
