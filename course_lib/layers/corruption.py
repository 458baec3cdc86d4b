"""Damage to features that a denoising autoencoder learns to undo."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

# What each kind does, and what its severity counts.
KINDS = {
    "gaussian": "adds normal noise; severity is its standard deviation, in the unit of the features",
    "uniform": "adds uniform noise; severity is its largest value, in the unit of the features",
    "masking": "blanks single bins; severity is their share",
    "salt_and_pepper": "puts the clip's lowest or highest value into single bins; severity is their share",
    "dropped_frames": "blanks stretches of frames; severity is the share of the frames",
    "dropped_bands": "blanks stretches of bands; severity is the share of the bands",
    "band_limit": "blanks all bands above an edge; severity is the share of the bands above it",
    "gain": "adds one number to all features of a clip; severity is its largest value",
}
ADDITIVE = ("gaussian", "uniform", "gain")


@keras.saving.register_keras_serializable(package="latent_sound")
class Corruption(keras.layers.Layer):
    """Damage features, differently for each example and at each step; at rest they pass unchanged.

    P. Vincent, H. Larochelle, Y. Bengio, P.-A. Manzagol, "Extracting and composing robust features with
    denoising autoencoders", ICML 2008: an autoencoder whose input is damaged in training, and whose target is
    not, cannot copy; it has to know what such clips are like. Put it before the first layer of an encoder.
    (batch, frames, bands) -> the same, of any representation.

    Which of :data:`course_lib.audio.degrade.DEGRADATIONS` have their like here:

    ================= =====================================================================================
    degradation       kind
    ================= =====================================================================================
    mask_time         ``dropped_frames``, the same
    mask_frequency    ``dropped_bands``, the same
    dropped_frames    ``dropped_frames``, with packets of whole frames and without the cut's click
    band_limit        ``band_limit``, with an edge between two bands instead of a slope
    gaussian          ``gaussian`` and ``uniform`` are noise of the features: in a logarithm the sound is
                      multiplied by it, not covered by a hiss that fills its pauses
    salt_and_pepper   ``salt_and_pepper`` and ``masking`` hit bins; a sample that is hit is a click, all
                      bands of some frames
    ================= =====================================================================================

    The others live in the signal: ``pink``, ``brown``, ``hum``, ``babble`` and ``clicks`` are added to
    samples, and what a sum of two sounds is in a bin depends on phases that features have not; ``clipping``
    and ``quantise`` bend single samples, which makes harmonics of all bands at once; ``reverberation`` adds
    a sound's past with its phases. Damage a sound by these before it is encoded, as
    :class:`course_lib.data.noisy_pairs.NoisyPairs` does.

    Parameters
    ----------
    kind : str
        A key of :data:`KINDS`, which also says what the severity is.
    severity : float or (float, float)
        One for all, or the bounds between which each example draws its own. Shares are those of the mean
        example: every bin or stretch is drawn on its own.
    width : int
        Frames or bands of a stretch.
    fill : float, optional
        What blanks are filled with; each clip's lowest value when None, which is silence in a logarithm.
        Vincent's is 0.
    seed : int
        Of the layer's own generator.

    Raises
    ------
    ValueError
        An unknown kind, a negative severity, a share above 1, a width below 1.
    """

    def __init__(
        self,
        kind: str = "gaussian",
        severity: float | tuple[float, float] = 0.3,
        *,
        width: int = 4,
        fill: float | None = None,
        seed: int = 0,
        **kwargs,
    ):
        super().__init__(**kwargs)
        if kind not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(KINDS)}; received {kind!r}")
        low, high = _bounds(severity)
        largest = float("inf") if kind in ADDITIVE else 1.0
        if not 0 <= low <= high <= largest:
            limit = "not be negative" if kind in ADDITIVE else "lie between 0 and 1"
            raise ValueError(f"severity of {kind} must {limit}, the lower bound first; received {severity}")
        if width < 1:
            raise ValueError(f"width must be at least 1; received {width}")
        self.kind = kind
        self.severity = severity if isinstance(severity, (int, float)) else (low, high)
        self.width = width
        self.fill = fill
        self.seed = seed
        self.random = keras.random.SeedGenerator(seed)

    def call(self, inputs, training=None):
        if not training:
            return inputs
        return getattr(self, f"_{self.kind}")(inputs, self._severity(inputs))

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self) -> dict[str, Any]:
        names = ("kind", "severity", "width", "fill", "seed")
        return super().get_config() | {name: getattr(self, name) for name in names}

    def _severity(self, x):
        """One number an example, shape (batch, 1, 1)."""
        low, high = _bounds(self.severity)
        return self._draw((ops.shape(x)[0], 1, 1), low, high, x.dtype)

    def _draw(self, shape, low: float, high: float, dtype):
        return keras.random.uniform(shape, low, high, dtype=dtype, seed=self.random)

    def _gaussian(self, x, severity):
        return x + severity * keras.random.normal(ops.shape(x), dtype=x.dtype, seed=self.random)

    def _uniform(self, x, severity):
        return x + severity * self._draw(ops.shape(x), -1.0, 1.0, x.dtype)

    def _gain(self, x, severity):
        return x + severity * self._draw((ops.shape(x)[0], 1, 1), -1.0, 1.0, x.dtype)

    def _masking(self, x, severity):
        return self._blanked(x, self._draw(ops.shape(x), 0.0, 1.0, x.dtype) < severity)

    def _salt_and_pepper(self, x, severity):
        drawn = self._draw(ops.shape(x), 0.0, 1.0, x.dtype)
        highest = ops.max(x, axis=(1, 2), keepdims=True)
        return ops.where(drawn < 0.5 * severity, highest, self._blanked(x, drawn > 1 - 0.5 * severity))

    def _dropped_frames(self, x, severity):
        batch, frames, _ = ops.shape(x)
        return self._blanked(x, self._stretches((batch, frames + self.width - 1, 1), severity, x.dtype))

    def _dropped_bands(self, x, severity):
        drawn = self._stretches((ops.shape(x)[0], x.shape[-1] + self.width - 1, 1), severity, x.dtype)
        return self._blanked(x, ops.transpose(drawn, (0, 2, 1)))

    def _band_limit(self, x, severity):
        bands = x.shape[-1]
        place = (ops.arange(bands, dtype=x.dtype) + 0.5) / bands
        return self._blanked(x, place > 1 - severity)

    def _stretches(self, shape, severity, dtype):
        """Where a stretch begins within the last ``width`` places: each place with the right probability."""
        recent = ops.max_pool(self._draw(shape, 0.0, 1.0, dtype), self.width, strides=1, padding="valid")
        return recent > (1 - severity) ** (1 / self.width)

    def _blanked(self, x, where):
        fill = ops.min(x, axis=(1, 2), keepdims=True) if self.fill is None else ops.cast(self.fill, x.dtype)
        return ops.where(where, fill, x)


def _bounds(severity) -> tuple[float, float]:
    if isinstance(severity, (int, float)):
        return float(severity), float(severity)
    low, high = severity
    return float(low), float(high)
