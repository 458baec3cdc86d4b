"""What the networks share that listen far around a frame: residual blocks of dilated convolutions."""

from __future__ import annotations

from keras import layers

from course_lib.models.network_parts import Seeds

# Frames that are equal everywhere have no spread, and this stands in for it.
EPSILON = 1e-3


def dilated_block(x, inner: int, dilation: int, init: Seeds):
    """(batch, frames, width) -> the same: what ``dilation`` frames to either side say, added.

    A. van den Oord et al., "WaveNet", 2016, without its gates. The last layer is zero at first: the block
    begins as the identity.
    """
    y = layers.LayerNormalization(epsilon=EPSILON)(x)
    y = layers.Conv1D(
        inner, 3, padding="same", dilation_rate=dilation, activation="gelu", kernel_initializer=init()
    )(y)
    return layers.Add()([x, layers.Conv1D(x.shape[-1], 1, kernel_initializer="zeros")(y)])
