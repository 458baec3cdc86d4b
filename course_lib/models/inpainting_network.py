"""A network that draws on where a spectrogram has gaps."""

from __future__ import annotations

from collections.abc import Sequence

import keras
from keras import layers, ops

from course_lib.models.dilated import EPSILON, dilated_block
from course_lib.models.network_parts import Seeds


def inpainting_network(
    bins: int,
    *,
    width: int = 128,
    inner: int = 64,
    dilations: Sequence[int] = (1, 2, 4, 8, 16),
    seed: int = 0,
) -> keras.Model:
    """Straight lines over the gaps, and what residual blocks of dilated convolutions say against them.

    ``interpolated`` and ``damaged``, (batch, frames, bins), and ``lost``, (batch, frames, 1), as of
    :class:`course_lib.audio.restore.gap_frames.GapFrames` -> (batch, frames, bins), logarithms of magnitudes;
    frames of which nothing is lost pass unchanged. Untrained it is the interpolation. Any number of frames.

    Parameters
    ----------
    bins : int
        Frequencies, 1 + n_fft // 2.
    width, inner : int
        Channels between the blocks and inside them.
    dilations : sequence of int
        One block each.

    Raises
    ------
    ValueError
        A size that is not positive.
    """
    sizes = {"bins": bins, "width": width, "inner": inner, "dilations": min(dilations, default=1)}
    for name, size in sizes.items():
        if size < 1:
            raise ValueError(f"{name} must be at least 1; received {size}")
    init = Seeds(seed)
    interpolated = keras.Input((None, bins), name="interpolated")
    damaged = keras.Input((None, bins), name="damaged")
    lost = keras.Input((None, 1), name="lost")
    x = layers.Concatenate()([interpolated, damaged, lost])
    x = layers.Conv1D(width, 3, padding="same", kernel_initializer=init())(x)
    for dilation in dilations:
        x = dilated_block(x, inner, dilation, init)
    x = layers.LayerNormalization(epsilon=EPSILON)(x)
    correction = layers.Dense(bins, kernel_initializer="zeros", name="correction")(x)
    inside = layers.Multiply()([correction, ops.sign(lost)])
    made = layers.Add(name="whole")([interpolated, inside])
    inputs = {"interpolated": interpolated, "damaged": damaged, "lost": lost}
    return keras.Model(inputs, made, name="inpainting_network")
