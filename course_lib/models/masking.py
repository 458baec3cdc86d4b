"""Networks that listen to a spectrum and say which part of every bin to let through."""

from __future__ import annotations

from collections.abc import Sequence

import keras
from keras import layers

from course_lib.layers.apply_mask import ApplyMask
from course_lib.layers.beside import Beside
from course_lib.layers.compressed_magnitude import CompressedMagnitude
from course_lib.layers.conditioning import FiLM
from course_lib.models.networks import Seeds

# Magnitudes of a silent frame are equal: their spread is zero, and this stands in for it.
EPSILON = 1e-3
FUSIONS = ("film", "concatenate")


def masking_network(
    bins: int,
    *,
    width: int = 192,
    inner: int = 64,
    dilations: Sequence[int] = (1, 2, 4, 8, 16, 32),
    stride: int = 2,
    classes: int | None = None,
    condition_width: int = 32,
    fusion: str = "film",
    seed: int = 0,
) -> keras.Model:
    """Residual blocks of dilated convolutions over time, with the bins as channels, and a complex mask.

    (batch, frames, 2 * bins) -> the same: the spectrum, masked. Any number of frames that ``stride`` divides.

    Parameters
    ----------
    bins : int
        Frequencies, 1 + n_fft // 2.
    width, inner : int
        Channels between the blocks and inside them.
    dilations : sequence of int
        One block each; together they hear ``2 * stride * sum(dilations)`` frames around the one they mask.
    stride : int
        Frames that the blocks treat at a time: windows overlap, so two at a time cost half and lose little.
    classes : int, optional
        Makes a second input, ``condition``, shape (batch, classes): what is wanted, as a one-hot row.
    condition_width : int
        Numbers that the condition becomes first.
    fusion : {"film", "concatenate"}
        How every block is told: :class:`FiLM` scales and shifts its channels, :class:`Beside` adds channels.

    Raises
    ------
    ValueError
        A size that is not positive, or another fusion.
    """
    sizes = {"bins": bins, "width": width, "inner": inner, "stride": stride}
    for name, size in (sizes | {"dilations": min(dilations, default=1)}).items():
        if size < 1:
            raise ValueError(f"{name} must be at least 1; received {size}")
    if fusion not in FUSIONS:
        raise ValueError(f"fusion must be one of {', '.join(FUSIONS)}; received {fusion!r}")
    init = Seeds(seed)
    spectrum = keras.Input((None, 2 * bins), name="spectrum")
    inputs, told = spectrum, None
    if classes is not None:
        condition = keras.Input((classes,), name="condition")
        inputs = {"spectrum": spectrum, "condition": condition}
        told = layers.Dense(condition_width, activation="gelu", kernel_initializer=init())(condition)
    x = layers.LayerNormalization(epsilon=EPSILON)(CompressedMagnitude()(spectrum))
    kernel = 3 if stride == 1 else 2 * stride
    x = layers.Conv1D(width, kernel, strides=stride, padding="same", kernel_initializer=init())(x)
    for dilation in dilations:
        x = _block(x, told, fusion, width, inner, dilation, init)
    x = layers.LayerNormalization(epsilon=EPSILON)(x)
    mask = layers.Dense(2 * bins * stride, kernel_initializer=init(), name="mask")(x)
    if stride > 1:
        mask = layers.Reshape((-1, 2 * bins))(mask)
    return keras.Model(inputs, ApplyMask(name="estimate")([spectrum, mask]), name="masking_network")


def _block(x, told, fusion: str, width: int, inner: int, dilation: int, init: Seeds):
    y = layers.LayerNormalization(epsilon=EPSILON)(x)
    if told is not None:
        y = (FiLM(seed=init().seed) if fusion == "film" else Beside())([y, told])
    y = layers.Conv1D(
        inner, 3, padding="same", dilation_rate=dilation, activation="gelu", kernel_initializer=init()
    )(y)
    # Zero at first: the block begins as the identity.
    return layers.Add()([x, layers.Conv1D(width, 1, kernel_initializer="zeros")(y)])
