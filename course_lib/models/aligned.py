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
from course_lib.models.voices import voice_path

# Frames after stretching: about as many as a spoken digit has, so that little is interpolated away.
FRAMES = 64
# The latent's first number is the sound's end in frames, centred and scaled like the others: / 12 - 4.5.
END_SCALE, END_OFFSET = 1 / 12, -4.5
POOL = 4
EXPONENT = 0.48
# Log-variances at the start: a posterior a fifth as wide as the prior.
FIRST_LOG_VARIANCE = -3.0
# Half precision holds neither the powers of a loudness nor the places of an interpolation.
EXACT = "float32"


def aligned_encoder(
    shape: tuple[int, int],
    latent_dim: int = 64,
    *,
    width: int = 128,
    depth: int = 2,
    exponent: float = EXPONENT,
    spread: bool = False,
    voices: int = 0,
    seed: int = 0,
) -> keras.Model:
    """The sound's end and ``latent_dim - 1`` numbers of its stretched loudness.

    (batch, frames, bands) -> (batch, latent_dim), each number of about unit spread after a start from
    principal components.

    Parameters
    ----------
    width, depth : int
        Channels and residual blocks of the convolutional path.
    exponent : float
        Of the loudness: see :class:`course_lib.layers.loudness.Loudness`.
    spread : bool
        Give (batch, 2 * latent_dim) for a variational model: behind the numbers their log-variances.
    voices : int
        With some, the numbers are principal components less what the voice of a clip adds to them, as
        :func:`course_lib.models.voices.remove_voices` has set it. The convolutional path then only says
        how sure they are: trained for reconstruction, it would bring the voice back.
    """
    shape, init = check_sizes(shape, latent_dim), Seeds(seed)
    _check_latent(latent_dim)
    inputs = keras.Input(shape, name="features")
    loud = Loudness(exponent, name="loudness", dtype=EXACT)(inputs)
    # The length is heard at one exponent, whatever the content is heard at.
    ear = loud if exponent == EXPONENT else Loudness(name="ear", dtype=EXACT)(inputs)
    end = SoundEnd(name="sound_end", dtype=EXACT)(ear)
    content = Stretch(FRAMES, name="stretch", dtype=EXACT)([loud, end])
    flat = layers.Flatten(name="flat")(content)
    linear = _plane(latent_dim - 1, init)(flat)
    # Four frames at a time, side by side: a quarter of the work.
    x = layers.Reshape((FRAMES // POOL, shape[1] * POOL))(content)
    x = layers.Conv1D(width, 3, padding="same", kernel_initializer=init())(x)
    for _ in range(depth):
        x = _residual(x, width, init)
    x = layers.Flatten()(layers.LayerNormalization()(x))
    if voices:
        said = layers.Subtract(name="said")([linear, voice_path(content, voices, latent_dim - 1)])
    else:
        said = layers.Add()(
            [linear, layers.Dense(latent_dim - 1, kernel_initializer="zeros", name="bent")(x)]
        )
    length = layers.Rescaling(END_SCALE, END_OFFSET, name="length", dtype=EXACT)(end)
    latent = layers.Concatenate(name="latent")([length, said])
    if spread:
        first = keras.initializers.Constant(FIRST_LOG_VARIANCE)
        wide = layers.Dense(latent_dim, kernel_initializer="zeros", bias_initializer=first, name="spread")(x)
        latent = layers.Concatenate(name="posterior")([latent, wide])
    return keras.Model(inputs, latent, name="aligned_encoder")


def aligned_decoder(
    shape: tuple[int, int],
    latent_dim: int = 64,
    *,
    width: int = 128,
    depth: int = 3,
    exponent: float = EXPONENT,
    pool: int = 1,
    seed: int = 1,
) -> keras.Model:
    """The way back from :func:`aligned_encoder`: (batch, latent_dim) -> (batch, frames, bands).

    The convolutional path works on ``pool`` frames at a time, side by side: 2 is half the work of 1.
    """
    shape, init = check_sizes(shape, latent_dim), Seeds(seed)
    _check_latent(latent_dim)
    inputs = keras.Input((latent_dim,), name="latent")
    end = layers.Rescaling(1 / END_SCALE, -END_OFFSET / END_SCALE, name="end", dtype=EXACT)(
        Part(0, 1, name="length")(inputs)
    )
    content = Part(1, latent_dim, name="content")(inputs)
    linear = _plane(FRAMES * shape[1], init)(content)
    linear = layers.Reshape((FRAMES, shape[1]), name="plane")(linear)
    steps, side = FRAMES // pool, shape[1] * pool
    x = layers.Reshape((steps, side))(linear) if pool > 1 else linear
    x = layers.Conv1D(width, 3, padding="same", kernel_initializer=init())(x)
    own = layers.Dense(steps * width, kernel_initializer=init())(content)
    x = layers.Add()([x, layers.Reshape((steps, width))(own)])
    for _ in range(depth):
        x = _residual(x, width, init)
    x = layers.LayerNormalization()(x)
    x = layers.Conv1D(side, 3, padding="same", kernel_initializer="zeros", name="bend")(x)
    x = layers.Reshape((FRAMES, shape[1]))(x) if pool > 1 else x
    loud = layers.Add()([linear, x])
    loud = Stretch(shape[0], inverse=True, name="unstretch", dtype=EXACT)([loud, end])
    log = Loudness(exponent, inverse=True, name="log", dtype=EXACT)(loud)
    return keras.Model(inputs, log, name="aligned_decoder")


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
