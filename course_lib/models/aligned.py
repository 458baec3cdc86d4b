"""Networks that first undo what a bottleneck should not have to learn: length and the range of levels.

Features -> loudness -> one length -> a linear path beside a convolutional one -> latent; and back. The
linear path is principal component analysis and is not trained: give it its weights by
:func:`course_lib.models.principal.start_from_principal_components`. The convolutional paths begin at zero
and learn what a plane cannot hold.
"""

from __future__ import annotations

import keras
from keras import layers

from course_lib.layers.loudness import Loudness
from course_lib.layers.part import Part
from course_lib.layers.sound_end import SoundEnd
from course_lib.layers.stretch import Stretch
from course_lib.models.networks import Seeds, check_sizes

# Frames after stretching: about as many as a spoken digit has, so that little is interpolated away.
FRAMES = 64
# The latent's first number is the sound's end in frames, centred and scaled like the others: / 12 - 4.5.
END_SCALE, END_OFFSET = 1 / 12, -4.5
POOL = 4
# Half precision holds neither the powers of a loudness nor the places of an interpolation.
EXACT = "float32"


def aligned_encoder(
    shape: tuple[int, int], latent_dim: int = 64, *, width: int = 128, depth: int = 2, seed: int = 0
) -> keras.Model:
    """The sound's end and ``latent_dim - 1`` numbers of its stretched loudness.

    (batch, frames, bands) -> (batch, latent_dim), each number of about unit spread after a start from
    principal components. ``width`` channels and ``depth`` residual blocks in the convolutional path.
    """
    shape, init = check_sizes(shape, latent_dim), Seeds(seed)
    _check_latent(latent_dim)
    inputs = keras.Input(shape, name="features")
    loud = Loudness(name="loudness", dtype=EXACT)(inputs)
    end = SoundEnd(name="sound_end", dtype=EXACT)(loud)
    content = Stretch(FRAMES, name="stretch", dtype=EXACT)([loud, end])
    flat = layers.Flatten(name="flat")(content)
    linear = _plane(latent_dim - 1, init)(flat)
    # Four frames at a time, side by side: a quarter of the work.
    x = layers.Reshape((FRAMES // POOL, shape[1] * POOL))(content)
    x = layers.Conv1D(width, 3, padding="same", kernel_initializer=init())(x)
    for _ in range(depth):
        x = _residual(x, width, init)
    x = layers.Flatten()(layers.LayerNormalization()(x))
    bent = layers.Dense(latent_dim - 1, kernel_initializer="zeros", name="bent")(x)
    length = layers.Rescaling(END_SCALE, END_OFFSET, name="length", dtype=EXACT)(end)
    latent = layers.Concatenate(name="latent")([length, layers.Add()([linear, bent])])
    return keras.Model(inputs, latent, name="aligned_encoder")


def aligned_decoder(
    shape: tuple[int, int], latent_dim: int = 64, *, width: int = 128, depth: int = 3, seed: int = 1
) -> keras.Model:
    """The way back from :func:`aligned_encoder`: (batch, latent_dim) -> (batch, frames, bands)."""
    shape, init = check_sizes(shape, latent_dim), Seeds(seed)
    _check_latent(latent_dim)
    inputs = keras.Input((latent_dim,), name="latent")
    end = layers.Rescaling(1 / END_SCALE, -END_OFFSET / END_SCALE, name="end", dtype=EXACT)(
        Part(0, 1, name="length")(inputs)
    )
    content = Part(1, latent_dim, name="content")(inputs)
    linear = _plane(FRAMES * shape[1], init)(content)
    linear = layers.Reshape((FRAMES, shape[1]), name="plane")(linear)
    x = layers.Conv1D(width, 3, padding="same", kernel_initializer=init())(linear)
    x = layers.Add()(
        [x, layers.Reshape((FRAMES, width))(layers.Dense(FRAMES * width, kernel_initializer=init())(content))]
    )
    for _ in range(depth):
        x = _residual(x, width, init)
    x = layers.LayerNormalization()(x)
    x = layers.Conv1D(shape[1], 3, padding="same", kernel_initializer="zeros", name="bend")(x)
    loud = layers.Add()([linear, x])
    loud = Stretch(shape[0], inverse=True, name="unstretch", dtype=EXACT)([loud, end])
    return keras.Model(inputs, Loudness(inverse=True, name="log", dtype=EXACT)(loud), name="aligned_decoder")


def _plane(units: int, init: Seeds) -> layers.Layer:
    """The linear path. Its best weights are known without training, and training is not to lose them."""
    return layers.Dense(units, kernel_initializer=init(), trainable=False, name="principal")


def _residual(x, width: int, init: Seeds):
    y = layers.LayerNormalization()(x)
    y = layers.Conv1D(width, 3, padding="same", activation="gelu", kernel_initializer=init())(y)
    # Zero at first: the block begins as the identity.
    return layers.Add()([x, layers.Conv1D(width, 1, kernel_initializer="zeros")(y)])


def _check_latent(latent_dim: int) -> None:
    if latent_dim < 2:
        raise ValueError(f"latent_dim must be at least 2: one number is the length; received {latent_dim}")
