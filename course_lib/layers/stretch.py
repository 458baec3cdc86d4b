"""Play a clip faster or slower so that every sound fills the same frames."""

from __future__ import annotations

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="latent_sound")
class Stretch(keras.layers.Layer):
    """Frames 0 to ``end`` of a clip -> exactly ``frames`` frames, by linear interpolation; or back.

    Digits last from 0.2 to 1 s. Stretched to one length, the end of a short and of a long "seven" meet in
    the same frame, and a bottleneck need not learn each vowel at every place where it could lie. How long
    the sound was is one number, ``end``, which the latent must keep.

    Call it with ``[x, end]``: x (batch, any, bands), end (batch, 1) in frames -> (batch, frames, bands).

    Parameters
    ----------
    frames : int
        Frames of the output.
    head : int
        The first frames are copied one to one: onsets are aligned already.
    inverse : bool
        Undo it: ``frames`` are then those of the clip, and frames from ``end`` on are 0 (silence).
    """

    def __init__(self, frames: int, head: int = 8, inverse: bool = False, **kwargs):
        # Half precision has no room for places between 128 frames: they are computed before any rounding.
        super().__init__(autocast=False, **kwargs)
        if head < 0 or frames < head + 2:
            raise ValueError(f"frames must be at least head + 2 = {head + 2}; received {frames}")
        self.frames = frames
        self.head = head
        self.inverse = inverse

    def call(self, inputs):
        x, end = inputs
        head, given = self.head, x.shape[1]
        clip, stretched = (self.frames, given) if self.inverse else (given, self.frames)
        end = ops.clip(ops.cast(end, "float32"), head + 2, clip)
        ratio = (end - 1 - head) / (stretched - 1 - head)
        index = ops.arange(self.frames, dtype="float32")[None]
        tail = ops.maximum(index - head, 0.0)
        place = ops.minimum(index, head) + (tail / ratio if self.inverse else tail * ratio)
        # The two neighbours of each place, weighted by nearness: a row of linear interpolation.
        nearness = 1 - ops.abs(place[:, :, None] - ops.arange(given, dtype="float32"))
        weights = ops.maximum(nearness, 0.0)
        if self.inverse:
            weights = weights * ops.cast(index < end, "float32")[:, :, None]
        return ops.matmul(ops.cast(weights, self.compute_dtype), ops.cast(x, self.compute_dtype))

    def compute_output_shape(self, input_shape):
        x, _ = input_shape
        return (x[0], self.frames, x[2])

    def get_config(self):
        return super().get_config() | {"frames": self.frames, "head": self.head, "inverse": self.inverse}
