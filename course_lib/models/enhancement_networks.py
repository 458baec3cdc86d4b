"""The two players of adversarial enhancement: one repairs a spectrum, one tells repaired from whole."""

from __future__ import annotations

from collections.abc import Sequence

import keras
from keras import layers

from course_lib.layers.apply_mask import ApplyMask
from course_lib.layers.bent_magnitude import BentMagnitude
from course_lib.layers.compressed_magnitude import CompressedMagnitude
from course_lib.layers.spectral_conv1d import SpectralConv1D
from course_lib.models.dilated import EPSILON, dilated_block
from course_lib.models.network_parts import Seeds

# Magnitudes are bent so that the quiet upper bands count.
EXPONENT = 0.3


def enhancement_network(
    bins: int,
    *,
    width: int = 128,
    inner: int = 64,
    dilations: Sequence[int] = (1, 2, 4, 8, 16),
    stride: int = 2,
    seed: int = 0,
) -> keras.Model:
    """What was heard, plus a mask of it, plus what it has lost altogether; residual blocks say how much.

    (batch, frames, 2 * bins) -> the same. Any number of frames that ``stride`` divides. A mask can only turn
    and scale what is there; a band that was cut off has to be added. Untrained it changes nothing.

    Parameters
    ----------
    bins : int
        Frequencies, 1 + n_fft // 2.
    width, inner : int
        Channels between the blocks and inside them.
    dilations : sequence of int
        One block each.
    stride : int
        Frames that the blocks treat at a time.

    Raises
    ------
    ValueError
        A size that is not positive.
    """
    sizes = {"bins": bins, "width": width, "inner": inner, "stride": stride}
    for name, size in (sizes | {"dilations": min(dilations, default=1)}).items():
        if size < 1:
            raise ValueError(f"{name} must be at least 1; received {size}")
    init = Seeds(seed)
    spectrum = keras.Input((None, 2 * bins), name="spectrum")
    heard = BentMagnitude(EXPONENT)(spectrum)
    x = layers.Concatenate()([heard, CompressedMagnitude(EXPONENT)(spectrum)])
    kernel = 3 if stride == 1 else 2 * stride
    x = layers.Conv1D(width, kernel, strides=stride, padding="same", kernel_initializer=init())(x)
    for dilation in dilations:
        x = dilated_block(x, inner, dilation, init)
    x = layers.LayerNormalization(epsilon=EPSILON)(x)
    mask, added = (_frames(x, 2 * bins, stride, name) for name in ("mask", "added"))
    made = layers.Add()([heard, ApplyMask()([heard, mask]), added])
    return keras.Model(
        spectrum, BentMagnitude(1 / EXPONENT, name="estimate")(made), name="enhancement_network"
    )


def _frames(x, numbers: int, stride: int, name: str):
    """``stride`` frames of ``numbers`` each out of every step; zero at first."""
    x = layers.Dense(stride * numbers, kernel_initializer="zeros", name=name)(x)
    return layers.Reshape((-1, numbers))(x) if stride > 1 else x


def enhancement_critic(bins: int, *, width: int = 64, depth: int = 3, seed: int = 1) -> keras.Model:
    """Spectrally normalised convolutions over a sound beside the damaged one; a score every few frames.

    ``sound`` and ``damaged``, (batch, frames, 2 * bins) each -> a list: scores, (batch,
    frames / 2**depth, 1), then the answers of the hidden layers. What is heard are magnitudes. Told what was
    damaged, the critic asks not only for something that sounds real but for a repair of this sound:
    P. Isola et al., "Image-to-image translation with conditional adversarial networks", CVPR 2017, whose
    scores are of patches too.
    """
    for name, size in {"bins": bins, "width": width, "depth": depth}.items():
        if size < 1:
            raise ValueError(f"{name} must be at least 1; received {size}")
    sound = keras.Input((None, 2 * bins), name="sound")
    damaged = keras.Input((None, 2 * bins), name="damaged")
    x = layers.Concatenate()([CompressedMagnitude(EXPONENT)(given) for given in (sound, damaged)])
    hidden = []
    x = SpectralConv1D(width, 3, activation="leaky_relu", seed=1000 * seed)(x)
    for level in range(depth):
        hidden.append(x)
        x = SpectralConv1D(
            width * min(2, level + 1), 5, strides=2, activation="leaky_relu", seed=1000 * seed + 2 * level + 2
        )(x)
    hidden.append(x)
    score = SpectralConv1D(1, 3, seed=1000 * seed + 91, name="realism")(x)
    return keras.Model([sound, damaged], [score, *hidden], name="enhancement_critic")
